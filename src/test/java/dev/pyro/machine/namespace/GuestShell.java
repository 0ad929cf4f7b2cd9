package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.machine.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Just enough of the guest protocol to run commands in a machine; docs/guest-protocol.md. */
final class GuestShell implements AutoCloseable {
    record Outcome(int exitCode, String output) {}

    private static final int HELLO = 0x01;
    private static final int REQUEST = 0x10;
    private static final int HELLO_ACK = 0x81;
    private static final int RESULT = 0x90;
    private static final int ERROR = 0x91;
    private static final int CONFIGURE = 1;
    private static final int EXEC = 2;
    private static final int SHUTDOWN = 8;

    private final ByteChannel channel;

    private GuestShell(ByteChannel channel) {
        this.channel = channel;
    }

    /** Connects and, since agents refuse everything before that, configures. */
    static GuestShell open(Machine machine, boolean lease) {
        GuestShell shell = new GuestShell(machine.openChannel(Duration.ofSeconds(5)));
        shell.send(
                HELLO,
                ByteBuffer.allocate(26)
                        .put("PYRO-HEL".getBytes(StandardCharsets.US_ASCII))
                        .putShort((short) 1)
                        .array());
        assertThat(shell.receive().type).isEqualTo(HELLO_ACK);
        ByteBuffer configure = ByteBuffer.allocate(64)
                .putShort((short) CONFIGURE)
                .putShort((short) 3)
                .putInt(5)
                .put("guest".getBytes(StandardCharsets.US_ASCII))
                .putShort((short) 5)
                .putInt(1)
                .put((byte) (lease ? 1 : 0));
        shell.send(REQUEST, java.util.Arrays.copyOf(configure.array(), configure.position()));
        Frame answer = shell.receive();
        assertThat(answer.type).as(answer.text()).isEqualTo(RESULT);
        return shell;
    }

    /** Runs a command and returns its standard output and error, mixed. */
    Outcome run(String command) {
        begin(command);
        StringBuilder output = new StringBuilder();
        while (true) {
            Frame frame = receive();
            if (frame.type == RESULT) {
                return new Outcome(frame.payload.getInt(6), output.toString());
            }
            assertThat(frame.type).as(frame.text()).isNotEqualTo(ERROR);
            output.append(frame.text());
        }
    }

    /** Starts a command and does not wait for anything. */
    void begin(String command) {
        byte[] bytes = command.getBytes(StandardCharsets.UTF_8);
        send(
                REQUEST,
                ByteBuffer.allocate(8 + bytes.length)
                        .putShort((short) EXEC)
                        .putShort((short) 1)
                        .putInt(bytes.length)
                        .put(bytes)
                        .array());
    }

    void shutDown() {
        send(REQUEST, ByteBuffer.allocate(2).putShort((short) SHUTDOWN).array());
    }

    private record Frame(int type, ByteBuffer payload) {
        String text() {
            return StandardCharsets.UTF_8.decode(payload.duplicate()).toString();
        }
    }

    private void send(int type, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(8 + payload.length)
                .putInt(type << 24)
                .putInt(payload.length)
                .put(payload)
                .flip();
        try {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Frame receive() {
        ByteBuffer header = ByteBuffer.wrap(read(8));
        int type = header.getInt() >>> 24;
        return new Frame(type, ByteBuffer.wrap(read(header.getInt())));
    }

    private byte[] read(int count) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            while (bytes.size() < count) {
                ByteBuffer buffer = ByteBuffer.allocate(count - bytes.size());
                if (channel.read(buffer) < 0) {
                    throw new IOException("the agent has closed the connection");
                }
                bytes.write(buffer.array(), 0, buffer.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
