package dev.pyro.mcp.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
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
    private boolean left;

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
            long nanos = patience.toNanos();
            while (failure == null && !closed && waitingBytes > 0 && waitingBytes + bytes.length > MAX_WAITING_BYTES) {
                if (nanos <= 0) {
                    gaveUp = true;
                    fail("the client has not read for " + patience.toSeconds() + " seconds", false);
                    break;
                }
                nanos = changed.awaitNanos(nanos);
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

    /** Tells whether the client has closed its end, as clients do that need no more. */
    boolean clientLeft() {
        lock.lock();
        try {
            return left;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more, and waits until what was sent is written, for at most the bound. Returns whether it is. */
    boolean close(Duration bound) throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            long nanos = bound.toNanos();
            while (failure == null && waitingBytes > 0 && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return failure == null && waitingBytes == 0;
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
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it was: there is nobody else who writes, and those who wait for answers must not wait for ever.
            boolean closedEnd = e instanceof IOException failed && isClosedEnd(failed);
            lock.lock();
            try {
                fail(closedEnd ? "the client has closed its end: " + e.getMessage() : "cannot write: " + e, closedEnd);
            } finally {
                lock.unlock();
                onFailure.run();
            }
        }
    }

    private static boolean isClosedEnd(IOException failure) {
        // The text is the system's, in the system's language, most of which leave the pipe alone.
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return failure instanceof ClosedChannelException
                || text.contains("pipe")
                || text.contains("closed")
                || text.contains("reset");
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

    private void fail(String reason, boolean closedEnd) {
        if (failure == null) {
            failure = reason;
            left = closedEnd;
        }
        waiting.clear();
        changed.signalAll();
    }
}
