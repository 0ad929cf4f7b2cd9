package dev.pyro.mcp.server;

import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells a client that asked for it how its call goes on: each step of long work, a command's output as it comes, and after a long
 * silence that the work goes on. Clients give a call up when they have not heard of it for a while: OpenCode after 60 seconds.
 *
 * <p>For one call, on its thread; a thread of its own breaks the silences.
 */
final class CallProgress implements Progress.Listener, OutputListener, AutoCloseable {
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

    /** Clients draw a line; a chatty command must not drown them. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

    private static final int MAX_MESSAGE_BYTES = 2000;
    private static final Duration SEND_BOUND = Duration.ofSeconds(10);

    private final Consumer<ProgressNotification> client;
    private final Object token;
    private final long longestSilenceNanos;
    private final long startNanos = System.nanoTime();
    private long lastOutputNanos = startNanos - SHORTEST_PAUSE.toNanos();

    private long steps;
    private long lastSentNanos = startNanos;
    private boolean over;

    CallProgress(McpAsyncServerExchange exchange, Object token) {
        this(notification -> exchange.progressNotification(notification).block(SEND_BOUND), token, LONGEST_SILENCE);
    }

    CallProgress(Consumer<ProgressNotification> client, Object token, Duration longestSilence) {
        this.client = client;
        this.token = token;
        this.longestSilenceNanos = longestSilence.toNanos();
        Thread.ofVirtual().name("silence").start(this::breakSilences);
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

    /** Ends the call: the client hears nothing of it any more but its result. */
    @Override
    public synchronized void close() {
        over = true;
        notifyAll();
    }

    private synchronized void breakSilences() {
        try {
            while (!over) {
                long left = longestSilenceNanos - (System.nanoTime() - lastSentNanos);
                if (left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } else {
                    long seconds =
                            Duration.ofNanos(System.nanoTime() - startNanos).toSeconds();
                    send("still at work after " + seconds + " s");
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            // The client is gone, or does not read: that ends the call, and is told, elsewhere.
            return;
        }
    }

    private synchronized void send(String message) {
        if (over) {
            return;
        }
        steps++;
        client.accept(new ProgressNotification(token, (double) steps, null, message, null));
        lastSentNanos = System.nanoTime();
    }
}
