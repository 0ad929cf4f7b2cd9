package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.LocalPyro;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.Tool;
import dev.pyro.mcp.ToolAnswer;
import dev.pyro.mcp.ToolCall;
import dev.pyro.mcp.ToolHints;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A server over two pipes, with tools that do what a test wants, and the client's end of it. */
final class StdioFixture implements AutoCloseable {
    static final Duration BOUND = Duration.ofSeconds(60);

    /** What the client says first. */
    static final String INITIALIZE =
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                    + "\"capabilities\":{},\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}}";

    private static final int MAX_LINES = 10_000;

    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger interrupted = new AtomicInteger();
    final CountDownLatch release = new CountDownLatch(1);

    final Toolbox toolbox;
    private final Pipe toServer = Pipe.open();
    private final Pipe toClient = Pipe.open();
    private final OutputStream input = Channels.newOutputStream(toServer.sink());
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(MAX_LINES);
    private final Thread server;
    private final Thread reader;
    private volatile @Nullable Throwable failure;

    StdioFixture(Path folder) throws IOException {
        toolbox = new Toolbox(
                LocalPyro.open(Map.of(
                        "PYRO_CACHE_DIR", folder.resolve("cache").toString(),
                        "PYRO_STATE_DIR", folder.resolve("state").toString())),
                ToolProfile.VM_RUN,
                List.of(tool("say", StdioFixture::say), tool("wait", this::await), tool("defect", _ -> {
                    throw new IllegalStateException("broken");
                })));
        server = Thread.ofPlatform().daemon().start(() -> {
            try {
                new StdioServer(toolbox, "test")
                        .serve(Channels.newInputStream(toServer.source()), Channels.newOutputStream(toClient.sink()));
            } catch (InterruptedException | RuntimeException e) {
                failure = e;
            }
        });
        reader = Thread.ofPlatform().daemon().start(this::readLines);
    }

    private static Tool tool(String name, Tool.Action action) {
        return new Tool(
                name,
                name,
                "Does it.",
                Set.of(ToolProfile.VM_RUN),
                List.of(),
                JsonObject.builder().put("type", "object").build(),
                new ToolHints(true, false, true, false),
                action);
    }

    private static ToolAnswer say(ToolCall call) {
        call.progress().onProgress(Progress.of("run", "create", "thing"));
        for (int i = 0; i < 1000; i++) {
            call.output()
                    .onOutput(Stream.STDOUT, ByteBuffer.wrap(("line " + i + "\n").getBytes(StandardCharsets.UTF_8)));
        }
        return answer();
    }

    private ToolAnswer await(ToolCall call) {
        running.incrementAndGet();
        try {
            release.await();
            return answer();
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted");
        } finally {
            running.decrementAndGet();
        }
    }

    private static ToolAnswer answer() {
        return new ToolAnswer(JsonObject.builder().put("done", true).build(), null, Map.of(), false, Map.of());
    }

    private void readLines() {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(Channels.newInputStream(toClient.source()), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                lines.add(line);
                line = reader.readLine();
            }
        } catch (IOException e) {
            // The test closed it.
            return;
        }
    }

    /** Begins the session. */
    StdioFixture initialized() throws IOException {
        send(INITIALIZE);
        assertThat(next().object("result").string("protocolVersion")).isEqualTo("2025-11-25");
        return this;
    }

    /** Sends lines. */
    void send(String... texts) throws IOException {
        for (String text : texts) {
            send((text + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    void send(byte[] bytes) throws IOException {
        input.write(bytes);
        input.flush();
    }

    /** Calls a tool; the id and the token are JSON, the latter may be empty. */
    void call(String id, String tool, String progressToken) throws IOException {
        String meta = progressToken.isEmpty() ? "" : ",\"_meta\":{\"progressToken\":" + progressToken + "}";
        send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\""
                + meta + "}}");
    }

    void cancel(String id) throws IOException {
        send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id + "}}");
    }

    /** Returns the server's next message. */
    JsonReader next() {
        return Json.parseObject(nextLine());
    }

    String nextLine() {
        try {
            String line = lines.poll(BOUND.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(line).as("a message of the server within the bound").isNotNull();
            return line;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Asserts that the server has sent nothing that was not taken, up to the answer of a ping. */
    void assertNothingElse() throws IOException {
        send("{\"jsonrpc\":\"2.0\",\"id\":\"nothing-else\",\"method\":\"ping\"}");
        assertThat(next().string("id")).isEqualTo("nothing-else");
    }

    void endInput() throws IOException {
        toServer.sink().close();
    }

    /** The client dies, as far as the server's output tells. */
    void stopReading() throws IOException, InterruptedException {
        toClient.source().close();
        // Whoever was reading closes the descriptor on his way out; until then a write would succeed.
        assertThat(reader.join(BOUND)).isTrue();
    }

    /** Waits until the server is over, and returns the lines that were not taken. */
    List<String> awaitEnd() throws InterruptedException, IOException {
        assertThat(server.join(BOUND)).isTrue();
        assertThat(failure).isNull();
        toClient.sink().close();
        assertThat(reader.join(BOUND)).isTrue();
        return List.copyOf(lines);
    }

    @Override
    public void close() throws IOException {
        release.countDown();
        toServer.sink().close();
        try {
            assertThat(server.join(BOUND)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        toClient.sink().close();
        toClient.source().close();
        toServer.source().close();
    }
}
