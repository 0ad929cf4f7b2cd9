package dev.pyro.mcp.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** The memory that the bodies of all requests under way may take together. Safe for use by several threads. */
final class BodyBudget {
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

        /** Takes more; returns false, having taken nothing, when there is not as much left. */
        boolean grow(int more) {
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
