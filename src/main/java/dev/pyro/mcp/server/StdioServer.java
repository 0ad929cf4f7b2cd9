package dev.pyro.mcp.server;

import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import io.modelcontextprotocol.server.McpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Serves one client over standard input and output: one message of JSON-RPC a line. */
public final class StdioServer {
    /** How long calls under way may take after the input ended, before they are cancelled. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** How long cancelled calls may take to clean up. */
    private static final Duration CLEANUP_BOUND = Duration.ofSeconds(30);

    /** How long the client may take to read the last answers. */
    private static final Duration LAST_WORDS_BOUND = Duration.ofSeconds(2);

    private final Toolbox toolbox;
    private final String version;

    public StdioServer(Toolbox toolbox, String version) {
        this.toolbox = toolbox;
        this.version = version;
    }

    /**
     * Serves until the input ends, or the output, or the client has not read for long; returns when no call is left. The streams stay open.
     *
     * @throws PyroException {@link ErrorCode#STORAGE_UNUSABLE} when the input or the output fails, or the client does not read what is sent;
     *     that it closes its end is no failure. {@link ErrorCode#INTERNAL} when there is no memory left for what it sends
     */
    public void serve(InputStream input, OutputStream output) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CallRegistry calls = new CallRegistry();
        Outbox outbox = new Outbox(output, over::countDown);
        StdioSession session = new StdioSession(outbox, calls, new RequestRules(toolbox));
        McpServer.AsyncSpecification<?> specification = McpServer.async(session);
        new ToolServer(toolbox, calls, version).configure(specification);
        specification.build();
        outbox.start();
        // Nothing interrupts the reading of a standard input: it is left behind when the output ends first.
        Thread.ofPlatform().name("mcp-input").daemon().start(() -> {
            try {
                read(new LineReader(input, RpcMessage.MAX_BYTES), session, over);
            } catch (IOException | RuntimeException | Error e) {
                failure.set(e);
            } finally {
                over.countDown();
            }
        });
        over.await();
        calls.close();
        if (outbox.failure() != null || !calls.awaitNone(GRACE)) {
            calls.cancelAll(StdioSession.SESSION);
            calls.awaitNone(CLEANUP_BOUND);
        }
        boolean written = outbox.close(LAST_WORDS_BOUND);
        Throwable failed = failure.get();
        if (failed != null) {
            throw inputFailure(failed);
        }
        if (!written && !outbox.clientLeft()) {
            String reason = outbox.failure();
            throw new PyroException(
                    ErrorCode.STORAGE_UNUSABLE,
                    "gave up the client at standard output: "
                            + (reason == null
                                    ? "it has not read the last answers within " + LAST_WORDS_BOUND.toSeconds()
                                            + " seconds"
                                    : reason));
        }
    }

    private static PyroException inputFailure(Throwable failure) {
        return switch (failure) {
            case IOException e ->
                new PyroException(ErrorCode.STORAGE_UNUSABLE, "cannot read standard input: " + e.getMessage(), e);
            case OutOfMemoryError e ->
                new PyroException(
                        ErrorCode.INTERNAL,
                        "the MCP server has no memory left for what its client sends; give it more with PYRO_JAVA_OPTS=-Xmx256m",
                        e);
            default -> new PyroException(ErrorCode.INTERNAL, "a defect in Pyro: " + failure, failure);
        };
    }

    private static void read(LineReader lines, StdioSession session, CountDownLatch over) throws IOException {
        LineReader.Line line = lines.next();
        while (line != null && over.getCount() > 0) {
            session.receive(line);
            line = lines.next();
        }
    }
}
