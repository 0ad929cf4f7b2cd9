package dev.pyro.os;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Starts processes that may ask the kernel to be killed when their parent dies ({@code PR_SET_PDEATHSIG}). Safe for use by several
 * threads.
 *
 * <p>For the kernel the parent is the thread that started the process, not the process that the thread belongs to. So
 * they are all started by one thread that lives exactly as long as this Java process.
 */
public final class LeasedSpawner {
    private LeasedSpawner() {}

    /**
     * Starts a process. An interruption does not keep it from coming to life, and so ends only what the caller does next.
     *
     * @throws IOException when the program cannot be started
     */
    public static Process start(ProcessBuilder builder) throws IOException {
        Callable<Process> start = builder::start;
        Future<Process> started = Spawner.THREAD.submit(start);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return started.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Holds the thread, so that it starts with the first process and not before. */
    private static final class Spawner {
        static final ExecutorService THREAD = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("pyro-leased-spawner").factory());
    }
}
