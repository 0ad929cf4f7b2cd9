package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A client of {@code pyro mcp serve}, written by hand: it sees every line that the server writes, and holds each to be JSON-RPC. */
final class McpStdioClient implements AutoCloseable {
    private static final Duration BOUND = Duration.ofMinutes(4);

    private final Process process;
    private final OutputStream input;
    private final BlockingQueue<JsonReader> messages = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<Thread> readers;

    /** What each call has told of its progress and nobody has waited for yet. */
    private final Map<String, StringBuilder> progress = new HashMap<>();

    /** Starts a server and begins a session with it. */
    McpStdioClient(PyroLauncher pyro, String profile) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                PyroLauncher.PROJECT.resolve("pyro").toString(), "mcp", "serve", "--profile", profile);
        builder.environment().putAll(pyro.environment());
        process = builder.start();
        input = process.getOutputStream();
        readers = List.of(
                Thread.ofVirtual().start(this::readLines), Thread.ofVirtual().start(this::readErrors));
        send(
                "{\"jsonrpc\":\"2.0\",\"id\":\"initialize\",\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                        + "\"capabilities\":{},\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}}");
        result("initialize");
        send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    }

    private void readLines() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                messages.add(Json.parseObject(line));
                line = reader.readLine();
            }
        } catch (IOException e) {
            // The test closed it.
            return;
        } catch (RuntimeException e) {
            messages.add(new JsonReader(JsonObject.builder()
                    .put("jsonrpc", "a line that is no JSON: " + e)
                    .build()));
        }
    }

    private void readErrors() {
        try {
            process.getErrorStream().transferTo(errors);
        } catch (IOException e) {
            return;
        }
    }

    /** Sends one line. */
    void send(String line) throws IOException {
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /** Calls a tool, and asks for its progress under the call's id. */
    void call(String id, String tool, JsonObject arguments) throws IOException {
        send(Json.write(JsonObject.builder()
                .put("jsonrpc", "2.0")
                .put("id", id)
                .put("method", "tools/call")
                .put(
                        "params",
                        JsonObject.builder()
                                .put("name", tool)
                                .put("arguments", arguments)
                                .put(
                                        "_meta",
                                        JsonObject.builder()
                                                .put("progressToken", id)
                                                .build())
                                .build())
                .build()));
    }

    void cancel(String id) throws IOException {
        send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"" + id + "\"}}");
    }

    /** Calls a tool that must succeed, and returns its payload. */
    JsonReader ok(String id, String tool, JsonObject arguments) throws IOException {
        call(id, tool, arguments);
        return payload(id);
    }

    /** Waits for the answer to a call that must have succeeded, and returns its payload. */
    JsonReader payload(String id) {
        JsonReader result = result(id);
        assertThat(result.bool("isError")).as(() -> Json.write(result.object())).isFalse();
        return result.object("structuredContent");
    }

    /** Waits for the result of a request; what comes before it is dropped. */
    JsonReader result(String id) {
        return await(message -> message.find("result").isPresent() && isId(message, id))
                .object("result");
    }

    /** Waits until a call has told this, in as many notifications as it likes: output that comes at once shares one. */
    void awaitProgress(String id, String text) {
        StringBuilder told = progress.computeIfAbsent(id, key -> new StringBuilder());
        while (told.indexOf(text) < 0) {
            await(message -> message.find("method").isPresent());
        }
        told.delete(0, told.indexOf(text) + text.length());
    }

    private void keepProgress(JsonReader message) {
        if (message.find("method").isPresent() && message.string("method").equals("notifications/progress")) {
            JsonReader params = message.object("params");
            progress.computeIfAbsent(params.string("progressToken"), key -> new StringBuilder())
                    .append(params.string("message"));
        }
    }

    private static boolean isId(JsonReader message, String id) {
        return message.find("id").equals(Optional.of((JsonValue) new JsonValue.JsonString(id)));
    }

    /** Waits for a message; those before it are dropped. */
    JsonReader await(Predicate<JsonReader> wanted) {
        try {
            while (true) {
                JsonReader message = messages.poll(BOUND.toMillis(), TimeUnit.MILLISECONDS);
                assertThat(message)
                        .as(() -> "a message within the bound; standard error: " + errors)
                        .isNotNull();
                assertThat(message.string("jsonrpc")).isEqualTo("2.0");
                keepProgress(message);
                if (wanted.test(message)) {
                    return message;
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Takes what has come. */
    List<JsonReader> taken() {
        List<JsonReader> all = new ArrayList<>();
        messages.drainTo(all);
        return all;
    }

    void endInput() throws IOException {
        input.close();
    }

    /** Closes the server's output. A reader that waits keeps it open, so that it takes an answer to let go of it. */
    void stopReading() throws IOException, InterruptedException {
        process.getInputStream().close();
        String ping = "{\"jsonrpc\":\"2.0\",\"id\":\"ping\",\"method\":\"ping\"}";
        send(ping);
        assertThat(readers.getFirst().join(BOUND)).isTrue();
        send(ping);
    }

    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Waits for the end of the process, which must not have printed a stack trace, and returns its exit code. */
    int awaitEnd(Duration bound) throws InterruptedException {
        assertThat(process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS))
                .as("the end of the server within " + bound)
                .isTrue();
        for (Thread reader : readers) {
            assertThat(reader.join(BOUND)).isTrue();
        }
        assertThat(errors.toString(StandardCharsets.UTF_8)).doesNotContain("\tat ");
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
