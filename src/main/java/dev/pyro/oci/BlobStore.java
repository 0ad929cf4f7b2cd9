package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The blobs that were fetched: the one class that knows {@code oci/blobs}. A blob appears when it is whole and verified, and never changes.
 * Safe for use by several threads and processes: two who want the same blob fetch it once.
 */
public final class BlobStore {
    /**
     * How long a blob that nobody seems to need is kept all the same, and a part of one: a pull may have fetched it and not yet said so, or be
     * about to go on with it.
     */
    public static final Duration GRACE = Duration.ofHours(1);

    private static final Duration BLOB_WAIT = Duration.ofMinutes(90);
    private static final String PART_SUFFIX = ".part";
    private static final Pattern BLOB = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern PART = Pattern.compile("[0-9a-f]{64}\\.part");
    private static final int PIECE_BYTES = 64 << 10;

    /** So many bits of a digest make a lock's key: no two blobs share one, and it is not negative. */
    private static final int HEX_OF_KEY = 15;

    private static final int HEX = 16;

    /** What a file system needs besides. */
    private static final long MARGIN_BYTES = 16L << 20;

    private final Path folder;
    private final Path lockFile;
    private final Clock clock;

    /** Opens the store; touches no file. */
    public BlobStore(PyroPaths paths) {
        this(paths, Clock.systemUTC());
    }

    BlobStore(PyroPaths paths, Clock clock) {
        this.folder = paths.oci().resolve("blobs");
        this.lockFile = paths.cacheLocks().resolve("oci-blobs.lock");
        this.clock = clock;
    }

    /**
     * Returns a blob that is there, as far as a look at its size can tell, and keeps it from {@link #prune} for a while; or empty. Before
     * anything is made of it, {@link #findIntact} reads it.
     */
    public Optional<Path> find(Descriptor blob) {
        Path file = file(blob.digest());
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != blob.size()) {
                return Optional.empty();
            }
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            return Optional.of(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /**
     * Returns a blob that is there and still holds what its digest says; or empty. It was verified when it came, but disks forget, and who may write
     * to the folder can err.
     *
     * @throws PyroException {@link ErrorCode#INTERRUPTED}
     */
    public Optional<Path> findIntact(Descriptor blob) {
        return find(blob).filter(file -> isIntact(file, blob));
    }

    private static boolean isIntact(Path file, Descriptor blob) {
        MessageDigest digest = Sha256.start();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = in.read(piece); count > 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
                if (Thread.currentThread().isInterrupted()) {
                    throw new PyroException(ErrorCode.INTERRUPTED, "reading the blob " + file + " was interrupted");
                }
            }
            return Sha256.end(digest).equals(blob.digest());
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Returns the descriptor of a blob of which only the digest is known; empty when it is not there. */
    public Optional<Descriptor> describe(String mediaType, String digest) {
        try {
            return Optional.of(new Descriptor(mediaType, digest, Files.size(file(digest))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file(digest), e);
        }
    }

    /** Returns how many bytes of a blob that is missing are still to be fetched. */
    long missingBytes(Descriptor blob) {
        try {
            long there = Files.size(part(blob.digest()));
            return there > blob.size() ? blob.size() : blob.size() - there;
        } catch (IOException e) {
            return blob.size();
        }
    }

    /**
     * Fails when so many bytes will not fit.
     *
     * @throws PyroException {@link ErrorCode#DISK_FULL}
     */
    void requireRoom(long bytes) {
        try {
            AtomicFiles.createDirectories(folder);
            long free = Files.getFileStore(folder).getUsableSpace();
            if (bytes > free - MARGIN_BYTES) {
                throw new PyroException(
                        ErrorCode.DISK_FULL,
                        "the image's layers take " + DownloadProgress.mib(bytes) + " MiB more, and " + folder
                                + " has room for "
                                + DownloadProgress.mib(Math.max(0, free - MARGIN_BYTES))
                                + " MiB; free some room (`pyro env prune` helps) and try again");
            }
        } catch (IOException e) {
            throw AtomicFiles.failure("look at", folder, e);
        }
    }

    /**
     * Fetches a blob, unless another one has done so meanwhile. One that is there and is damaged goes.
     *
     * @param onWait is called once when another one fetches it
     */
    Path ensure(Descriptor blob, BlobDownload.Transfer transfer, Runnable onWait) {
        boolean looksWhole = find(blob).isPresent();
        try (InterProcessLock _ = lock(blob.digest(), onWait)) {
            // Whoever had the lock may have fetched this very one, and has verified what was not there before.
            Optional<Path> there = looksWhole ? findIntact(blob) : find(blob);
            if (there.isPresent()) {
                transfer.gained().accept(blob.size());
                return there.get();
            }
            AtomicFiles.createDirectories(folder);
            Path part = part(blob.digest());
            Path file = file(blob.digest());
            AtomicFiles.deleteTree(file);
            new BlobDownload(blob, part, transfer).run();
            AtomicFiles.publish(part, file);
            return file;
        }
    }

    /**
     * Takes a finished file into the store, by renaming it.
     *
     * @param finished a file on the cache's file system, flushed to the disk
     * @param digest its digest, which is believed
     */
    public Path put(Path finished, String digest) {
        Path file = file(digest);
        try (InterProcessLock _ = lock(digest, () -> {})) {
            AtomicFiles.publish(finished, file);
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            Files.deleteIfExists(part(digest));
            return file;
        } catch (IOException e) {
            throw AtomicFiles.failure("install", file, e);
        }
    }

    /**
     * Deletes what is of no more use: blobs, and what broken downloads have left. What somebody fetches at this moment stays.
     *
     * @param keep tells which digests are needed
     * @param all whether those go too that changed or were found within {@link #GRACE}; on a full disk parts always go, which may have filled it
     * @param dryRun whether nothing is deleted, only counted
     */
    public PrunedBlobs prune(Predicate<String> keep, boolean all, boolean dryRun) {
        boolean full = isFull();
        PrunedBlobs pruned = new PrunedBlobs(0, 0);
        for (Path file : files()) {
            String name = file.getFileName().toString();
            String digest = Sha256.PREFIX + name.replace(PART_SUFFIX, "");
            boolean part = name.endsWith(PART_SUFFIX);
            if (!part && keep.test(digest)) {
                continue;
            }
            Optional<InterProcessLock> free = InterProcessLock.tryAcquire(lockFile, key(digest));
            if (free.isEmpty()) {
                continue;
            }
            try (InterProcessLock _ = free.get()) {
                // Asked under the lock: a pull may have found it meanwhile.
                if (all || !isRecent(file) || (part && full)) {
                    long bytes = Files.size(file);
                    if (!dryRun) {
                        Files.deleteIfExists(file);
                    }
                    pruned = new PrunedBlobs(pruned.blobs() + (part ? 0 : 1), pruned.bytes() + bytes);
                }
            } catch (NoSuchFileException e) {
                // Finished, or deleted by another one, since the folder was listed: the next one.
            } catch (IOException e) {
                throw AtomicFiles.failure("delete", file, e);
            }
        }
        return pruned;
    }

    /**
     * What was deleted, or would be.
     *
     * @param blobs how many whole blobs
     * @param bytes how much they and broken downloads took
     */
    public record PrunedBlobs(int blobs, long bytes) {}

    private boolean isFull() {
        try {
            return Files.exists(folder) && Files.getFileStore(folder).getUsableSpace() < MARGIN_BYTES;
        } catch (IOException e) {
            throw AtomicFiles.failure("look at", folder, e);
        }
    }

    private boolean isRecent(Path file) throws IOException {
        Instant changed = Files.getLastModifiedTime(file).toInstant();
        return changed.isAfter(clock.instant().minus(GRACE));
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            for (Path file : stream) {
                String name = file.getFileName().toString();
                if (BLOB.matcher(name).matches() || PART.matcher(name).matches()) {
                    files.add(file);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("list", folder, e);
        }
        return files;
    }

    private InterProcessLock lock(String digest, Runnable onWait) {
        return InterProcessLock.acquire(lockFile, key(digest), "the blob " + Sha256.shown(digest), BLOB_WAIT, onWait);
    }

    private static long key(String digest) {
        return Long.parseLong(Sha256.hex(digest).substring(0, HEX_OF_KEY), HEX);
    }

    private Path file(String digest) {
        return folder.resolve(Sha256.hex(digest));
    }

    private Path part(String digest) {
        return folder.resolve(Sha256.hex(digest) + PART_SUFFIX);
    }
}
