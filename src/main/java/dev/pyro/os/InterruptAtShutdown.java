package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While it is open, the end of the process in any orderly way, such as Ctrl-C, interrupts the thread that opened it, and waits until that thread has
 * removed what it was making and closes this. For that thread.
 */
public final class InterruptAtShutdown implements AutoCloseable {
    /** How long the end of the process waits. */
    private static final Duration NOTICE_BOUND = Duration.ofSeconds(20);

    private final Thread owner = Thread.currentThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    /**
     * Opens one.
     *
     * @throws PyroException {@link ErrorCode#INTERRUPTED} when the process is ending already
     */
    public InterruptAtShutdown() {
        hook = new Thread(this::interrupt, "interrupt-at-shutdown");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            throw new PyroException(ErrorCode.INTERRUPTED, "Pyro is shutting down", e);
        }
    }

    private void interrupt() {
        owner.interrupt();
        try {
            if (!ended.await(NOTICE_BOUND.toSeconds(), TimeUnit.SECONDS)) {
                // What is left is found by whoever comes next.
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already.
            return;
        }
    }
}
