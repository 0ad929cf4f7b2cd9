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
    /** The longest line that is taken. A file or a patch of a mebibyte, with each of its characters escaped, fits. */
    static final int MAX_LINE_BYTES = 8 * 1024 * 1024;

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
     * @throws PyroException {@link ErrorCode#STORAGE_UNUSABLE} when the input fails
     */
    public void serve(InputStream input, OutputStream output) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        AtomicReference<IOException> failure = new AtomicReference<>();
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
                read(new LineReader(input, MAX_LINE_BYTES), session, over);
            } catch (IOException e) {
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
        outbox.close(LAST_WORDS_BOUND);
        IOException failed = failure.get();
        if (failed != null) {
            throw new PyroException(
                    ErrorCode.STORAGE_UNUSABLE, "cannot read standard input: " + failed.getMessage(), failed);
        }
    }

    private static void read(LineReader lines, StdioSession session, CountDownLatch over) throws IOException {
        LineReader.Line line = lines.next();
        while (line != null && over.getCount() > 0) {
            session.receive(line);
            line = lines.next();
        }
    }
}
