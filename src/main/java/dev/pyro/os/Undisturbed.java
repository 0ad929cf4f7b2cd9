package dev.pyro.os;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs what has to be done whole though the calling thread was interrupted, or is interrupted meanwhile: removing what a cancelled call
 * has made, and the few steps after which there is no way back. The interruption is kept: the calling thread's interrupt flag is set when the
 * call returns. Stateless.
 *
 * <p>It runs on a thread of its own, which nobody knows and so nobody interrupts. Clearing the flag would not do: a second interruption, or the
 * first one of a call that fails by itself, comes while something is being removed. The caller's monitors are not held there, and it may
 * not wait for anything that the caller must do first. It costs about 0.1 ms. What is run should end soon: the caller cannot be
 * cancelled meanwhile.
 */
public final class Undisturbed {
    private Undisturbed() {}

    /** Runs an action to its end. What it throws, this throws. */
    public static void run(Runnable action) {
        call(() -> {
            action.run();
            return true;
        });
    }

    /** Runs an action to its end and returns its result. What it throws, this throws. */
    public static <T> T call(Supplier<T> action) {
        if (Thread.currentThread() instanceof CalmThread) {
            return action.get();
        }
        return call(action, Thread::start);
    }

    /**
     * The same with another way to start a thread.
     *
     * @param start may fail with an {@link OutOfMemoryError}, as where a host allows no more threads: the action then runs on this one
     */
    static <T> T call(Supplier<T> action, Consumer<Thread> start) {
        FutureTask<T> task = new FutureTask<>(action::get);
        boolean interrupted = false;
        try {
            start.accept(new CalmThread(task));
        } catch (OutOfMemoryError e) {
            // What has to be removed would stay otherwise. Only an interruption that comes from now on can disturb it.
            interrupted = Thread.interrupted();
            task.run();
        }
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw thrownBy(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException thrownBy(@Nullable Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            case null, default -> new IllegalStateException(cause);
        };
    }

    /** Not a virtual thread: the first of those makes the JVM wait 0.3 s when it ends. */
    private static final class CalmThread extends Thread {
        CalmThread(Runnable action) {
            super(action, "pyro-undisturbed");
            setDaemon(true);
        }
    }
}
