package dev.pyro.store;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * An exclusive lock between threads and processes, on a file or on one byte of it. The kernel lets go of it when its holder dies.
 *
 * <p>The file stays when the lock is let go: deleting it while another process waits for it would let two in. Only where the thing
 * that it protects is gone for good, and its name is never used again, may its holder delete it. Where there are any number of things to
 * protect, each has a byte of one file, which need not be there. Locks are not reentrant.
 */
public final class InterProcessLock implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);
    private static final Region WHOLE = new Region(0, Long.MAX_VALUE);

    /**
     * The files of which this process has locked something. POSIX drops a process's locks on a file when it closes any descriptor of that
     * file, so no second descriptor may ever be opened while the first one holds a lock.
     */
    private static final Map<Path, Opened> OPENED = new HashMap<>();

    private final Path file;
    private final Region region;
    private final FileLock lock;
    private boolean closed;

    private InterProcessLock(Path file, Region region, FileLock lock) {
        this.file = file;
        this.region = region;
        this.lock = lock;
    }

    /** Bytes of a file. */
    private record Region(long position, long size) {
        boolean overlaps(Region other) {
            return position < other.position + other.size && other.position < position + size;
        }
    }

    /**
     * A file that stays open while this process has locked something of it.
     *
     * @param held what that is
     */
    private record Opened(FileChannel channel, Set<Region> held) {}

    /** Takes the lock if nobody has it. */
    public static Optional<InterProcessLock> tryAcquire(Path file) {
        return tryAcquire(file, WHOLE);
    }

    /**
     * Takes the lock on one byte of a file if nobody has it.
     *
     * @param key which byte, not negative
     */
    public static Optional<InterProcessLock> tryAcquire(Path file, long key) {
        return tryAcquire(file, new Region(key, 1));
    }

    private static Optional<InterProcessLock> tryAcquire(Path file, Region region) {
        AtomicFiles.createDirectories(AtomicFiles.parent(file));
        Path absolute = realPath(file);
        synchronized (OPENED) {
            Opened opened = OPENED.get(absolute);
            if (opened != null && opened.held().stream().anyMatch(region::overlaps)) {
                return Optional.empty();
            }
            try {
                if (opened == null) {
                    opened = new Opened(
                            FileChannel.open(absolute, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                            new HashSet<>());
                    OPENED.put(absolute, opened);
                }
                FileLock lock = opened.channel().tryLock(region.position(), region.size(), false);
                if (lock == null) {
                    return Optional.empty();
                }
                opened.held().add(region);
                return Optional.of(new InterProcessLock(absolute, region, lock));
            } catch (IOException e) {
                throw AtomicFiles.failure("lock", file, e);
            } finally {
                closeUnlessHeld(absolute);
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
        return acquire(file, WHOLE, what, timeout, onWait);
    }

    /** Waits for the lock on one byte of a file, likewise. */
    public static InterProcessLock acquire(Path file, long key, String what, Duration timeout, Runnable onWait) {
        return acquire(file, new Region(key, 1), what, timeout, onWait);
    }

    private static InterProcessLock acquire(Path file, Region region, String what, Duration timeout, Runnable onWait) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Duration pause = FIRST_PAUSE;
        boolean waited = false;
        while (true) {
            Optional<InterProcessLock> lock = tryAcquire(file, region);
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
        synchronized (OPENED) {
            Opened opened = OPENED.get(file);
            if (closed || opened == null) {
                return;
            }
            closed = true;
            opened.held().remove(region);
            try {
                lock.release();
            } catch (IOException e) {
                // Nothing is lost: the kernel lets go of it when the file is closed.
            } finally {
                closeUnlessHeld(file);
            }
        }
    }

    private static void closeUnlessHeld(Path file) {
        Opened opened = OPENED.get(file);
        if (opened != null && opened.held().isEmpty()) {
            OPENED.remove(file);
            try {
                opened.channel().close();
            } catch (IOException e) {
                // Closing a lock file has nothing to lose.
                return;
            }
        }
    }
}
