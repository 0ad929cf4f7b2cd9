package dev.pyro.store;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * An exclusive lock between threads and processes, on a file. The kernel lets go of it when its holder dies.
 *
 * <p>The file stays: deleting a lock file while another process waits for it would let two in. Locks are not reentrant.
 */
public final class InterProcessLock implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    /**
     * The files that threads of this process hold. POSIX drops all of a process's locks on a file when the process closes any
     * descriptor of it, so a thread must not even open a file that another thread has locked.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path key;
    private final FileChannel channel;

    private InterProcessLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /** Takes the lock if nobody has it. */
    public static Optional<InterProcessLock> tryAcquire(Path file) {
        AtomicFiles.createDirectories(AtomicFiles.parent(file));
        Path key = key(file);
        if (!HELD.add(key)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            taken = lock != null;
            return taken ? Optional.of(new InterProcessLock(key, channel)) : Optional.empty();
        } catch (OverlappingFileLockException e) {
            // Some other code of this process has it.
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("lock", file, e);
        } finally {
            if (!taken) {
                closeQuietly(channel);
                HELD.remove(key);
            }
        }
    }

    private static Path key(Path file) {
        try {
            return AtomicFiles.parent(file).toRealPath().resolve(file.getFileName());
        } catch (IOException e) {
            throw AtomicFiles.failure("lock", file, e);
        }
    }

    /**
     * Waits for the lock.
     *
     * @param what what it protects, for the message
     * @param onWait is called once when the lock is not free at once
     * @throws PyroException {@link ErrorCode#LOCK_TIMEOUT} when it is not to be had within the bound, {@link
     *     ErrorCode#INTERRUPTED} when this thread is interrupted
     */
    public static InterProcessLock acquire(Path file, String what, Duration timeout, Runnable onWait) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Duration pause = FIRST_PAUSE;
        boolean waited = false;
        while (true) {
            Optional<InterProcessLock> lock = tryAcquire(file);
            if (lock.isPresent()) {
                return lock.get();
            }
            if (!waited) {
                onWait.run();
                waited = true;
            }
            if (System.nanoTime() >= deadline) {
                throw new PyroException(
                        ErrorCode.LOCK_TIMEOUT,
                        what + " is in use by another process for more than " + timeout.toSeconds() + " s (lock file "
                                + file + "); try again later");
            }
            try {
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while waiting for " + what, e);
            }
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        }
    }

    /** Lets go of the lock. */
    @Override
    public void close() {
        if (channel.isOpen()) {
            closeQuietly(channel);
            HELD.remove(key);
        }
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // Closing a lock file has nothing to lose.
                return;
            }
        }
    }
}
