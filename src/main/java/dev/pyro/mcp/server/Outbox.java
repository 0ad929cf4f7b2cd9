package dev.pyro.mcp.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What goes out to a client over a stream, one message a line, written by a thread of its own: a client that reads slowly, or not at all,
 * holds up who writes for a bound, and an interruption never meets a line half-written. Safe for use by several threads.
 */
final class Outbox {
    /** How much may wait for the client; who has more to say waits. One message always finds room. */
    static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;

    /** How long somebody waits for room, or for the last message to be written. After that the client counts as gone. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final OutputStream output;
    private final Runnable onFailure;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // The rest is guarded by the lock.
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean closed;
    private @Nullable String failure;

    /** An outbox with the usual patience; {@code onFailure} runs once, on any thread, when the client takes no more. */
    Outbox(OutputStream output, Runnable onFailure) {
        this(output, onFailure, PATIENCE);
    }

    /** With another patience. */
    Outbox(OutputStream output, Runnable onFailure, Duration patience) {
        this.output = output;
        this.onFailure = onFailure;
        this.patience = patience;
    }

    /** Starts to write. */
    void start() {
        Thread.ofPlatform().name("mcp-outbox").daemon().start(this::writeAll);
    }

    /**
     * Sends a line, after all that was sent before. Returns when it has its place among those that wait.
     *
     * @throws IOException when the client takes no more, or the thread was interrupted; the line is not sent then, not even in part
     */
    void send(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        boolean gaveUp = false;
        lock.lock();
        try {
            long left = patience.toNanos();
            while (failure == null && !closed && waitingBytes > 0 && waitingBytes + bytes.length > MAX_WAITING_BYTES) {
                if (left <= 0) {
                    gaveUp = true;
                    fail("the client has not read for " + patience.toSeconds() + " seconds");
                    break;
                }
                left = changed.awaitNanos(left);
            }
            if (failure == null && !closed) {
                waiting.add(bytes);
                waitingBytes += bytes.length;
                changed.signalAll();
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the client read nothing", e);
        } finally {
            lock.unlock();
        }
        if (gaveUp) {
            onFailure.run();
        }
        throw new IOException(failure() == null ? "the session is over" : failure());
    }

    /** Returns why the client takes no more, or null while it does. */
    @Nullable
    String failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more, and waits until what was sent is written, for at most the bound. */
    void close(Duration bound) throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            long left = bound.toNanos();
            while (failure == null && waitingBytes > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() {
        try {
            byte[] line = next();
            while (line != null) {
                output.write(line);
                output.flush();
                written(line.length);
                line = next();
            }
        } catch (IOException e) {
            lock.lock();
            try {
                fail("the client has closed its end: " + e.getMessage());
            } finally {
                lock.unlock();
            }
            onFailure.run();
        }
    }

    /** Returns the next line, or null when there will be none. */
    private byte @Nullable [] next() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed && failure == null) {
                changed.awaitUninterruptibly();
            }
            return failure == null ? waiting.poll() : null;
        } finally {
            lock.unlock();
        }
    }

    private void written(int bytes) {
        lock.lock();
        try {
            waitingBytes -= bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(String reason) {
        if (failure == null) {
            failure = reason;
        }
        waiting.clear();
        changed.signalAll();
    }
}
