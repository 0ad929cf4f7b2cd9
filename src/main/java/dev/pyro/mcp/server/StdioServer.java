package dev.pyro.mcp.server;

import dev.pyro.mcp.Toolbox;
import io.modelcontextprotocol.server.McpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** Serves one client over standard input and output. */
public final class StdioServer {
    /** How long calls under way may take after the input ended, before they are cancelled. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** How long cancelled calls may take to clean up. */
    private static final Duration CLEANUP_BOUND = Duration.ofSeconds(30);

    private final Toolbox toolbox;
    private final String version;

    public StdioServer(Toolbox toolbox, String version) {
        this.toolbox = toolbox;
        this.version = version;
    }

    /**
     * Serves until the input ends; returns when no call is left.
     *
     * @throws IOException when the input fails
     */
    public void serve(InputStream input, OutputStream output) throws IOException, InterruptedException {
        CallRegistry calls = new CallRegistry();
        StdioTransport transport = new StdioTransport(input, output, calls);
        McpServer.AsyncSpecification<?> specification = McpServer.async(transport);
        new ToolServer(toolbox, calls, version).configure(specification);
        specification.build();
        try {
            transport.run();
        } finally {
            if (!calls.awaitNone(GRACE)) {
                calls.cancelAll(StdioTransport.SESSION);
                calls.awaitNone(CLEANUP_BOUND);
            }
        }
    }
}
