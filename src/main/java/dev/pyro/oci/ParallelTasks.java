package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Undisturbed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on a few threads of its own, and ends with them: when one fails, or the caller is interrupted, the others are interrupted and
 * waited for.
 */
final class ParallelTasks {
    private final int threads;
    private final String name;
    private final Object lock = new Object();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;
    private @Nullable Throwable failure;

    ParallelTasks(int threads, String name) {
        this.threads = threads;
        this.name = name;
    }

    /**
     * Runs all of them.
     *
     * @throws PyroException what the first one that failed has thrown, or {@link ErrorCode#INTERRUPTED}
     */
    void run(List<Runnable> tasks) {
        waiting.addAll(tasks);
        List<Thread> workers = new ArrayList<>();
        boolean interrupted = false;
        try {
            int count = Math.min(threads, tasks.size());
            running = count;
            for (int i = 0; i < count; i++) {
                workers.add(Thread.ofPlatform().daemon().name(name + "-" + i).start(this::work));
            }
            synchronized (lock) {
                while (running > 0 && failure == null) {
                    lock.wait();
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            end(workers);
        }
        rethrow(interrupted);
    }

    private void end(List<Thread> workers) {
        synchronized (lock) {
            waiting.clear();
        }
        // Those that have done their work do not notice.
        workers.forEach(Thread::interrupt);
        Undisturbed.run(() -> workers.forEach(ParallelTasks::join));
    }

    private static void join(Thread worker) {
        try {
            worker.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private void work() {
        try {
            for (Runnable task = next(); task != null; task = next()) {
                task.run();
            }
        } catch (RuntimeException | Error e) {
            synchronized (lock) {
                waiting.clear();
                if (failure == null) {
                    failure = e;
                }
            }
        } finally {
            synchronized (lock) {
                running--;
                lock.notifyAll();
            }
        }
    }

    private @Nullable Runnable next() {
        synchronized (lock) {
            return waiting.poll();
        }
    }

    private void rethrow(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "fetching an image was interrupted");
        }
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
