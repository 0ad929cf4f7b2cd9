package dev.pyro.machine.namespace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The pauses between the attempts at something, each longer than the one before, within a bound. For one thread. */
final class Pause {
    private static final long FIRST_NANOS = 500_000;
    private static final long LONGEST_NANOS = 20_000_000;

    private final long deadline;
    private long nanos = FIRST_NANOS;

    Pause(Duration bound) {
        this.deadline = System.nanoTime() + bound.toNanos();
    }

    /**
     * Waits a little.
     *
     * @param what is waited for, for the message
     * @return false, at once, when the bound is over
     * @throws PyroException {@link ErrorCode#INTERRUPTED}
     */
    boolean await(String what) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(Math.min(nanos, left));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while waiting for " + what, e);
        }
        nanos = Math.min(LONGEST_NANOS, nanos + nanos / 2);
        return true;
    }
}
