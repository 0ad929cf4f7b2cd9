package dev.pyro.mcp.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The memory that the bodies that are read just now may take together. Small ones do not count, so that what is large keeps nobody from
 * asking or cancelling; their number is bounded by that of connections. Safe for use by several threads.
 */
final class BodyBudget {
    /** A body up to this size does not count. */
    static final int FREE_BYTES = 64 * 1024;

    private final Semaphore bytes;

    BodyBudget(int totalBytes) {
        bytes = new Semaphore(totalBytes);
    }

    /** Returns the share of one request, empty at first. */
    Share share() {
        return new Share();
    }

    /** What one request has taken. */
    final class Share {
        private final AtomicInteger taken = new AtomicInteger();

        /** Takes as much as makes it so many bytes in all; returns false, having taken nothing, when there is not as much left. */
        boolean growTo(int total) {
            int more = total - taken.get();
            if (total <= FREE_BYTES || more <= 0) {
                return true;
            }
            if (!bytes.tryAcquire(more)) {
                return false;
            }
            taken.addAndGet(more);
            return true;
        }

        /** Gives all of it back. */
        void release() {
            bytes.release(taken.getAndSet(0));
        }
    }
}
