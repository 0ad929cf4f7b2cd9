package dev.pyro.mcp.server;

import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Tells a client that asked for it how its call goes on: each step of long work, and a command's output as it comes. For one call, on its
 * thread.
 */
final class CallProgress implements Progress.Listener, OutputListener {
    /** Clients draw a line; a chatty command must not drown them. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

    private static final int MAX_MESSAGE_BYTES = 2000;
    private static final Duration SEND_BOUND = Duration.ofSeconds(10);

    private final McpAsyncServerExchange exchange;
    private final Object token;
    private long steps;
    private long lastOutputNanos = System.nanoTime() - SHORTEST_PAUSE.toNanos();

    CallProgress(McpAsyncServerExchange exchange, Object token) {
        this.exchange = exchange;
        this.token = token;
    }

    @Override
    public void onProgress(Progress progress) {
        String detail = progress.detail().isEmpty() ? "" : ": " + progress.detail();
        send(progress.operation() + " " + progress.phase() + " " + progress.subject() + detail);
    }

    @Override
    public void onOutput(Stream stream, ByteBuffer bytes) {
        long now = System.nanoTime();
        if (now - lastOutputNanos < SHORTEST_PAUSE.toNanos()) {
            return;
        }
        lastOutputNanos = now;
        ByteBuffer last = bytes.slice(
                bytes.position() + Math.max(0, bytes.remaining() - MAX_MESSAGE_BYTES),
                Math.min(bytes.remaining(), MAX_MESSAGE_BYTES));
        send(StandardCharsets.UTF_8.decode(last).toString());
    }

    private void send(String message) {
        steps++;
        exchange.progressNotification(new ProgressNotification(token, (double) steps, null, message, null))
                .block(SEND_BOUND);
    }
}
