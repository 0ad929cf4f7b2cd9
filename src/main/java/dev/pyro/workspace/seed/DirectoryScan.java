package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.os.HostPipe;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.PaxRecords;
import dev.pyro.tar.TarEntry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What find(1) says about everything in a directory, at one time. Immutable once it is made. */
final class DirectoryScan {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int BUFFER = 64 * 1024;
    private static final int MAX_KEPT_NAMES = WorkspaceSeed.MAX_SKIPPED_NAMES;
    private static final int DISK_BLOCK = 4096;
    private static final int FIND_BLOCK = 512;
    private static final int MODE_BITS = 07777;

    /** Two changes nearer to each other than this may carry the same time: the kernel's clock for files ticks up to every 10 ms. */
    private static final Duration CLOCK_STEP = Duration.ofMillis(30);

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final SeedBounds bounds;
    private final boolean keep;
    private final List<TarEntry> entries = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final Set<String> linkedFiles = new HashSet<>();
    private final Set<Long> owners = new HashSet<>();
    private List<TarEntry> sorted = List.of();
    private long entryCount;
    private long unreadableCount;
    private long skippedCount;
    private long contentBytes;
    private long diskBytes;
    private long nameBytes;
    private long fingerprint;
    private double newestChange;

    private DirectoryScan(SeedBounds bounds, boolean keep) {
        this.bounds = bounds;
        this.keep = keep;
    }

    /**
     * Looks at a directory, and if need be once more until its newest change is so old that any later one shows.
     *
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}
     */
    static DirectoryScan settled(Path folder, SeedBounds bounds) {
        double start = now();
        DirectoryScan scan = of(folder, bounds, true);
        double calm = scan.newestChange + CLOCK_STEP.toNanos() / 1e9;
        if (calm < start || scan.newestChange > now()) {
            return scan;
        }
        while (now() < calm) {
            LockSupport.parkNanos(CLOCK_STEP.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "looking at " + folder + " was interrupted");
            }
        }
        return of(folder, bounds, true);
    }

    /** Tells whether the directory is still what it was. */
    boolean isRepeatedBy(Path folder) {
        DirectoryScan again = of(folder, bounds, false);
        return again.fingerprint == fingerprint
                && again.entryCount == entryCount
                && again.unreadableCount == unreadableCount
                && again.skippedCount == skippedCount;
    }

    private static double now() {
        Instant now = Instant.now();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private static DirectoryScan of(Path folder, SeedBounds bounds, boolean keep) {
        DirectoryScan scan = new DirectoryScan(bounds, keep);
        try (HostPipe find = new HostPipe(HostToolLines.scan(folder), false, LIMIT)) {
            try (InputStream in = new BufferedInputStream(find.output(), BUFFER)) {
                Fields fields = new Fields(in);
                while (fields.next()) {
                    scan.take(fields.values);
                }
            }
            if (find.await() != 0 && scan.unreadableCount == 0) {
                throw new PyroException(
                        ErrorCode.SEED_UNUSABLE,
                        "cannot look at everything in " + folder + ": " + ByteText.printable(find.errors()));
            }
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE, "cannot look at everything in " + folder + ": " + e.getMessage(), e);
        }
        scan.sorted = DirectorySource.sorted(scan.entries);
        scan.entries.clear();
        return scan;
    }

    private void take(String[] field) throws IOException {
        boolean readable = field[0].charAt(0) == 'r';
        char type = field[0].charAt(1);
        String path = field[10];
        fingerprint += fingerprint(field);
        if (!readable) {
            unreadableCount++;
            keepName(unreadable, path);
        }
        if (type != 'f' && type != 'd' && type != 'l') {
            skippedCount++;
            keepName(skipped, path);
            return;
        }
        entryCount++;
        if (path.chars().filter(c -> c == '/').count() >= EntryNames.MAX_LEVELS) {
            throw new IOException(
                    "`" + ByteText.printable(path) + "` lies more than " + EntryNames.MAX_LEVELS + " levels deep");
        }
        nameBytes += path.length() + field[11].length();
        newestChange = Math.max(newestChange, Double.parseDouble(field[8]));
        owners.add(Long.parseLong(field[5]) << 32 | Long.parseLong(field[6]));
        long size = type == 'd' ? 0 : Long.parseLong(field[2]);
        if (type == 'f' && (field[4].equals("1") || linkedFiles.add(field[9]))) {
            contentBytes += size;
            diskBytes +=
                    Math.min((size + DISK_BLOCK - 1) / DISK_BLOCK * DISK_BLOCK, Long.parseLong(field[3]) * FIND_BLOCK);
        }
        if (!keep || entryCount > bounds.entries() || nameBytes > SeedBounds.MAX_NAME_BYTES) {
            return;
        }
        EntryKind kind = switch (type) {
            case 'f' -> EntryKind.FILE;
            case 'd' -> EntryKind.DIRECTORY;
            default -> EntryKind.SYMLINK;
        };
        entries.add(new TarEntry(
                path,
                kind,
                Integer.parseInt(field[1], 8) & MODE_BITS,
                kind == EntryKind.FILE ? size : 0,
                PaxRecords.seconds(field[7]),
                field[11],
                null));
    }

    private static void keepName(List<String> names, String path) {
        if (names.size() < MAX_KEPT_NAMES) {
            names.add(path);
        }
    }

    /** The sum over all entries does not depend on their order. How much of the disk they take may change without a change. */
    private static long fingerprint(String[] field) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < field.length; i++) {
            if (i != 3) {
                for (int at = 0; at < field[i].length(); at++) {
                    hash = (hash ^ field[i].charAt(at)) * FNV_PRIME;
                }
                hash = (hash ^ 0xff) * FNV_PRIME;
            }
        }
        return hash;
    }

    boolean allBelongTo(int uid, int gid) {
        return owners.isEmpty() || owners.equals(Set.of((long) uid << 32 | gid));
    }

    List<TarEntry> entries() {
        return sorted;
    }

    long entryCount() {
        return entryCount;
    }

    long contentBytes() {
        return contentBytes;
    }

    long diskBytes() {
        return diskBytes;
    }

    long nameBytes() {
        return nameBytes;
    }

    List<String> unreadable() {
        return unreadable;
    }

    long unreadableCount() {
        return unreadableCount;
    }

    List<String> skipped() {
        return skipped;
    }

    long skippedCount() {
        return skippedCount;
    }

    /** Reads fields that are ended by NULs. */
    private static final class Fields {
        private static final int MAX_FIELD_BYTES = 64 * 1024;

        final String[] values = new String[HostToolLines.SCAN_FIELDS];
        private final InputStream in;
        private byte[] field = new byte[256];

        Fields(InputStream in) {
            this.in = in;
        }

        boolean next() throws IOException {
            for (int i = 0; i < values.length; i++) {
                int length = 0;
                int c = in.read();
                while (c > 0) {
                    if (length == field.length) {
                        if (length > MAX_FIELD_BYTES) {
                            throw new IOException("find gives too long a field");
                        }
                        field = java.util.Arrays.copyOf(field, 2 * length);
                    }
                    field[length++] = (byte) c;
                    c = in.read();
                }
                if (c < 0) {
                    if (i == 0 && length == 0) {
                        return false;
                    }
                    throw new IOException("the output of find is cut off");
                }
                values[i] = new String(field, 0, length, StandardCharsets.ISO_8859_1);
            }
            return true;
        }
    }
}
