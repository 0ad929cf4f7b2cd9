package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A call of the facade whose thread was interrupted, and once more a moment later.
 *
 * @param cancelled whether it ended with {@code INTERRUPTED}; otherwise it ended normally
 * @param toEnd how long it took from the interruption to its end
 */
record CancelledCall(boolean cancelled, Duration toEnd) {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private static final Duration SECOND_AFTER = Duration.ofMillis(3);

    /** A call of the facade. */
    @FunctionalInterface
    interface Call {
        void run() throws Exception;
    }

    /** A caller may be a thread of either kind. */
    private static final AtomicInteger TURN = new AtomicInteger();

    private record Ended(boolean cancelled, boolean flag, long at) {}

    /** Makes a call on a thread of its own and interrupts that after a while. */
    static CancelledCall after(Duration delay, Call call) {
        CompletableFuture<Ended> end = new CompletableFuture<>();
        Thread.Builder kind = TURN.getAndIncrement() % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
        Thread caller = kind.name("cancelled-call").start(() -> {
            try {
                boolean cancelled = isCancelled(call);
                long at = System.nanoTime();
                end.complete(new Ended(cancelled, Thread.currentThread().isInterrupted(), at));
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        });
        LockSupport.parkNanos(delay.toNanos());
        long interruptedAt = System.nanoTime();
        caller.interrupt();
        // Whatever is being removed by now is not disturbed by another one.
        LockSupport.parkNanos(SECOND_AFTER.toNanos());
        caller.interrupt();
        try {
            Ended ended = end.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(ended.flag() || !ended.cancelled())
                    .as("the interrupt flag after INTERRUPTED")
                    .isTrue();
            // One that had ended before was not interrupted.
            return new CancelledCall(ended.cancelled(), Duration.ofNanos(Math.max(0, ended.at() - interruptedAt)));
        } catch (ExecutionException e) {
            throw new AssertionError("it failed otherwise than by INTERRUPTED", e.getCause());
        } catch (TimeoutException e) {
            AssertionError error = new AssertionError("it did not end; it is here");
            error.setStackTrace(caller.getStackTrace());
            throw error;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isCancelled(Call call) throws Exception {
        try {
            call.run();
            return false;
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                return true;
            }
            throw e;
        }
    }
}
