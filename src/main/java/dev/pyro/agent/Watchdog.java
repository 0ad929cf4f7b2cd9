package dev.pyro.agent;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a channel when one of its bounds is over: a blocked read or write has no time-out of its own, and ends when its channel is
 * closed. Safe for use by several threads.
 */
final class Watchdog implements FrameReader.FrameBound, AutoCloseable {
    /** How long a frame may take from its first byte to its last. */
    static final Duration FRAME_TIMEOUT = Duration.ofSeconds(10);

    private static final long NEVER = Long.MAX_VALUE;

    /** What a bound is for. */
    enum Bound {
        /** The whole request. */
        REQUEST(0),
        /** The next sign of life within a request. */
        STALL(1),
        /** The rest of a frame. */
        FRAME(2);

        private final int slot;

        Bound(int slot) {
            this.slot = slot;
        }
    }

    private final Channel channel;
    private final Duration frameTimeout;
    private final long start = System.nanoTime();
    private final long[] deadlines = {NEVER, NEVER, NEVER};
    private @Nullable Thread thread;
    private long wakeAt = NEVER;
    private long suspendedAt = NEVER;
    private @Nullable Bound expired;
    private boolean closed;

    Watchdog(Channel channel, Duration frameTimeout) {
        this.channel = channel;
        this.frameTimeout = frameTimeout;
    }

    /** Sets a bound from now on; an earlier one of the same kind is forgotten. */
    synchronized void arm(Bound bound, Duration duration) {
        deadlines[bound.slot] = now() + duration.toNanos();
        wakeIfNeeded();
    }

    /** Forgets a bound. */
    synchronized void disarm(Bound bound) {
        deadlines[bound.slot] = NEVER;
    }

    /** Forgets all bounds. */
    synchronized void disarmAll() {
        for (Bound bound : Bound.values()) {
            disarm(bound);
        }
    }

    /** Stops the clock: what follows is not the guest's time. */
    synchronized void suspend() {
        suspendedAt = now();
    }

    /** Lets the clock go on. */
    synchronized void resume() {
        long pause = now() - suspendedAt;
        suspendedAt = NEVER;
        for (int i = 0; i < deadlines.length; i++) {
            if (deadlines[i] != NEVER) {
                deadlines[i] += pause;
            }
        }
        wakeIfNeeded();
    }

    /** Returns the bound that was over, or null when the channel was not closed for one. */
    synchronized @Nullable Bound expired() {
        return expired;
    }

    @Override
    public void begin() {
        arm(Bound.FRAME, frameTimeout);
    }

    @Override
    public void end() {
        disarm(Bound.FRAME);
    }

    /** Ends the watch. Does not close the channel. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private long now() {
        return System.nanoTime() - start;
    }

    private long earliest() {
        long earliest = NEVER;
        if (suspendedAt == NEVER) {
            for (long deadline : deadlines) {
                earliest = Math.min(earliest, deadline);
            }
        }
        return earliest;
    }

    /** A later deadline needs no call: the thread looks again when the earlier one is over. */
    private void wakeIfNeeded() {
        long earliest = earliest();
        if (earliest == NEVER || closed) {
            return;
        }
        if (thread == null) {
            // Not a virtual thread: the first of those costs a short-lived process several milliseconds.
            thread = Thread.ofPlatform().daemon().name("pyro-agent-watchdog").start(this::watch);
        } else if (earliest < wakeAt) {
            notifyAll();
        }
    }

    private void watch() {
        synchronized (this) {
            while (!closed) {
                wakeAt = earliest();
                long left = wakeAt - now();
                if (left <= 0) {
                    expired = overdue();
                    closed = true;
                } else {
                    try {
                        // Rounded up, so that it does not spin through the last millisecond.
                        wait(wakeAt == NEVER ? 0 : TimeUnit.NANOSECONDS.toMillis(left) + 1);
                    } catch (InterruptedException e) {
                        // Nobody has this thread to interrupt it.
                        return;
                    }
                }
            }
            if (expired == null) {
                return;
            }
        }
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed for whoever waits on it, which is all that counts.
            return;
        }
    }

    private @Nullable Bound overdue() {
        for (Bound bound : Bound.values()) {
            if (deadlines[bound.slot] == wakeAt) {
                return bound;
            }
        }
        return null;
    }
}
