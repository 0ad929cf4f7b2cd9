package dev.pyro.agent;

import dev.pyro.agent.Watchdog.Bound;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request's input stream on a thread of its own, so that the answer is read meanwhile: a guest that does not take its input, or
 * that ends before it has, blocks nobody.
 */
final class InputPump {
    private final AgentConnection connection;
    private final InputStream input;
    private final String source;
    private final @Nullable Duration stall;
    // Guarded by the connection's write lock.
    private boolean ended;

    /**
     * A pump that has not begun.
     *
     * @param source what the stream is, for a message
     * @param stall how long the guest may take over each part; null when it need not take any
     */
    InputPump(AgentConnection connection, InputStream input, String source, @Nullable Duration stall) {
        this.connection = connection;
        this.input = input;
        this.source = source;
        this.stall = stall;
    }

    void start() {
        connection.watchdog().disarm(Bound.STALL);
        Thread.ofPlatform().daemon().name("pyro-agent-input").start(this::run);
    }

    /** Ends the input stream early when it has not ended: the guest has answered and drops what is left. */
    void finish() throws IOException {
        connection.watchdog().arm(Bound.STALL, connection.timeouts().reply());
        send(new byte[0], 0);
        connection.watchdog().disarm(Bound.STALL);
    }

    private void run() {
        byte[] part = new byte[Wire.MAX_DATA];
        while (true) {
            int length;
            try {
                length = input.read(part);
            } catch (IOException | RuntimeException e) {
                // Without END the agent takes nothing for complete; so a part is never mistaken for the whole.
                connection.fail(new PyroException(
                        ErrorCode.STORAGE_UNUSABLE, "cannot read " + source + ": " + e.getMessage(), e));
                return;
            }
            try {
                if (length != 0 && !send(part, Math.max(length, 0))) {
                    return;
                }
            } catch (IOException e) {
                // The reading side sees the end of the stream too, after what the guest said last; this bounds the wait
                // for it.
                connection.watchdog().arm(Bound.STALL, connection.timeouts().reply());
                return;
            }
        }
    }

    /** Sends a part, or the end; returns false when nothing more is to be sent. */
    private boolean send(byte[] part, int length) throws IOException {
        try {
            // The pump may hold it for as long as the guest takes nothing.
            connection.writing().lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
        try {
            if (ended) {
                return false;
            }
            ended = length == 0;
            if (stall != null) {
                connection
                        .watchdog()
                        .arm(Bound.STALL, ended ? connection.timeouts().reply() : stall);
            }
            connection.sendInput(part, length);
            if (stall != null && !ended) {
                connection.watchdog().disarm(Bound.STALL);
            }
            return !ended;
        } finally {
            connection.writing().unlock();
        }
    }
}
