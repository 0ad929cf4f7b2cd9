package dev.pyro.store;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock between threads and processes, on a file. The kernel lets go of it when its holder dies.
 *
 * <p>The file stays when the lock is let go: deleting it while another process waits for it would let two in. Only where the thing
 * that it protects is gone for good, and its name is never used again, may its holder delete it. Locks are not reentrant.
 */
public final class InterProcessLock implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    /**
     * The files that this process has locked. POSIX drops a process's locks on a file when it closes any descriptor of that file,
     * so no second descriptor may ever be opened while the first one holds the lock.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;
    private final AtomicBoolean closed = new AtomicBoolean();

    private InterProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Takes the lock if nobody has it. */
    public static Optional<InterProcessLock> tryAcquire(Path file) {
        AtomicFiles.createDirectories(AtomicFiles.parent(file));
        Path absolute = realPath(file);
        if (!HELD.add(absolute)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean acquired = false;
        try {
            channel = FileChannel.open(absolute, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            acquired = channel.tryLock() != null;
            return acquired ? Optional.of(new InterProcessLock(absolute, channel)) : Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("lock", file, e);
        } finally {
            if (!acquired) {
                closeQuietly(channel);
                HELD.remove(absolute);
            }
        }
    }

    /** One name for one file, whichever way leads to it. */
    private static Path realPath(Path file) {
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
        if (closed.compareAndSet(false, true)) {
            closeQuietly(channel);
            HELD.remove(file);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
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
