package dev.pyro.machine.qemu;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.LogText;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * QEMU's machine protocol: one JSON document a line. Not safe for use by several threads.
 *
 * <p>Every method throws {@link PyroException} with {@link ErrorCode#MACHINE_START_FAILED} when QEMU refuses a command, closes
 * the connection, answers nonsense, or does not answer within its bound; with {@link ErrorCode#INTERRUPTED} when this thread is
 * interrupted.
 */
final class QmpClient implements AutoCloseable {
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);
    static final int MAX_LINE_BYTES = 256 * 1024;

    private static final int MAX_MESSAGES_SKIPPED = 10_000;
    private static final int MAX_EVENTS_KEPT = 64;

    /**
     * A command.
     *
     * @param name its name
     * @param arguments its arguments, possibly none
     */
    record Command(String name, JsonObject arguments) {
        static Command of(String name) {
            return new Command(name, JsonObject.builder().build());
        }
    }

    private final SocketChannel channel;
    private final Duration timeout;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer input = ByteBuffer.allocate(MAX_LINE_BYTES).flip();
    private final Deque<JsonReader> events = new ArrayDeque<>();

    private QmpClient(SocketChannel channel, Duration timeout) throws IOException {
        this.channel = channel;
        this.timeout = timeout;
        this.selector = Selector.open();
        channel.configureBlocking(false);
        this.key = channel.register(selector, SelectionKey.OP_READ);
    }

    /** Takes over a fresh connection. */
    static QmpClient open(SocketChannel channel) {
        return open(channel, ANSWER_TIMEOUT);
    }

    static QmpClient open(SocketChannel channel, Duration timeout) {
        try {
            QmpClient client = new QmpClient(channel, timeout);
            try {
                JsonReader greeting = client.read(System.nanoTime() + timeout.toNanos());
                if (greeting.find("QMP").isEmpty()) {
                    throw failure("it sent no greeting");
                }
                return client;
            } catch (PyroException e) {
                client.close();
                throw e;
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Sends commands in one go and waits for all their answers; the first refusal ends it. */
    List<JsonValue> execute(List<Command> commands) {
        StringBuilder text = new StringBuilder();
        for (Command command : commands) {
            text.append(Json.write(JsonObject.builder()
                            .put("execute", command.name())
                            .put("arguments", command.arguments())
                            .build()))
                    .append('\n');
        }
        write(text.toString());
        List<JsonValue> answers = new ArrayList<>();
        for (Command command : commands) {
            answers.add(answer(command));
        }
        return answers;
    }

    /** Sends one command without arguments and waits for its answer. */
    JsonValue execute(String name) {
        return execute(List.of(Command.of(name))).getFirst();
    }

    /**
     * Waits until an event's {@code data.status} is one of those given; the event may have come already.
     *
     * @return the status
     */
    String awaitStatus(String event, Set<String> statuses, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        for (int i = 0; i < MAX_MESSAGES_SKIPPED; i++) {
            JsonReader message = events.isEmpty() ? read(deadline) : events.removeFirst();
            try {
                if (event.equals(message.nullableString("event"))) {
                    String status = message.object("data").string("status");
                    if (statuses.contains(status)) {
                        return status;
                    }
                }
            } catch (JsonFormatException e) {
                throw failure("it sent a malformed event: " + e.getMessage());
            }
        }
        throw failure("it sent too many events");
    }

    private JsonValue answer(Command command) {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (int i = 0; i < MAX_MESSAGES_SKIPPED; i++) {
            JsonReader message = read(deadline);
            if (message.find("return").isPresent()) {
                return message.find("return").get();
            }
            if (message.find("error").isPresent()) {
                throw failure("it refused " + command.name() + ": " + describe(message));
            }
            if (events.size() == MAX_EVENTS_KEPT) {
                events.removeFirst();
            }
            events.addLast(message);
        }
        throw failure("it sent too many events and no answer to " + command.name());
    }

    private static String describe(JsonReader message) {
        try {
            return LogText.clean(message.object("error").string("desc"));
        } catch (JsonFormatException e) {
            return "it did not say why";
        }
    }

    private void write(String text) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    await(SelectionKey.OP_WRITE, deadline);
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private JsonReader read(long deadline) {
        String line = readLine(deadline);
        try {
            return Json.parseObject(line);
        } catch (JsonFormatException e) {
            throw failure("it sent something that is not JSON: " + e.getMessage());
        }
    }

    private String readLine(long deadline) {
        int searched = input.position();
        try {
            while (true) {
                for (; searched < input.limit(); searched++) {
                    if (input.get(searched) == '\n') {
                        String line = new String(
                                input.array(), input.position(), searched - input.position(), StandardCharsets.UTF_8);
                        input.position(searched + 1);
                        return line;
                    }
                }
                input.compact();
                searched = input.position();
                if (!input.hasRemaining()) {
                    throw failure("it sent a line without an end");
                }
                int count = channel.read(input);
                input.flip();
                if (count < 0) {
                    throw failure("it closed the connection");
                }
                if (count == 0) {
                    await(SelectionKey.OP_READ, deadline);
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private void await(int operation, long deadline) throws IOException {
        key.interestOps(operation);
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw failure("it did not answer in time");
        }
        selector.select(left / 1_000_000 + 1);
        selector.selectedKeys().clear();
        if (Thread.interrupted()) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while waiting for QEMU");
        }
    }

    @Override
    public void close() {
        try (channel;
                selector) {
            events.clear();
        } catch (IOException e) {
            // Nothing more is wanted from this connection.
            return;
        }
    }

    private static PyroException failure(String problem) {
        return new PyroException(ErrorCode.MACHINE_START_FAILED, "cannot control QEMU: " + problem);
    }

    private static PyroException failure(IOException cause) {
        if (Thread.currentThread().isInterrupted()) {
            return new PyroException(ErrorCode.INTERRUPTED, "interrupted while talking with QEMU", cause);
        }
        return new PyroException(ErrorCode.MACHINE_START_FAILED, "cannot control QEMU: " + cause.getMessage(), cause);
    }
}
