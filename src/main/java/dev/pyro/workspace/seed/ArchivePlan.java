package dev.pyro.workspace.seed;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What unpacking an archive will make, found by reading it once and checking each entry against all before it. Nothing is written meanwhile. Not safe
 * for use by several threads.
 */
final class ArchivePlan {
    private static final int FOLDER_MODE = 0755;
    private static final int DISK_BLOCK = 4096;

    private final SeedBounds bounds;
    private final Map<String, Item> items = new HashMap<>();
    private long nameBytes;
    private long seen;
    private long contentBytes;
    private long diskBytes;

    ArchivePlan(SeedBounds bounds) {
        this.bounds = bounds;
    }

    /** What a path will be. */
    static final class Item {
        /** Its place in the archive, or -1 for a folder that has no entry of its own. */
        long place;

        EntryKind kind;
        int mode;
        long size;
        long mtimeSeconds;
        String target;

        /** Whether a hard link has it as its target. */
        boolean linked;

        /** Whether it was given out, when the archive is read again. */
        boolean given;

        Item(long place, TarEntry entry) {
            this.place = place;
            this.kind = entry.kind();
            this.mode = entry.mode();
            this.size = entry.size();
            this.mtimeSeconds = entry.mtimeSeconds();
            this.target = entry.target();
        }

        TarEntry entry(String path, @Nullable SparseMap sparse) {
            return new TarEntry(path, kind, mode, size, mtimeSeconds, target, sparse);
        }
    }

    /** Reads a whole archive. */
    void readAll(TarReader reader) throws IOException {
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            take(entry);
        }
    }

    /** Takes the next entry, or refuses it. */
    void take(TarEntry raw) throws BadArchiveException {
        long place = seen++;
        if (seen > bounds.entries()) {
            throw tooMany();
        }
        EntryNames.requireNoDevice(raw);
        TarEntry entry = raw.withPath(EntryNames.normalise(raw.path()));
        String path = entry.path();
        if (path.isEmpty()) {
            if (entry.kind() != EntryKind.DIRECTORY) {
                throw new BadArchiveException(raw.path(), "has the name of the top folder and is none");
            }
            return;
        }
        enter(path, entry.mtimeSeconds());
        TarEntry checked = switch (entry.kind()) {
            case DIRECTORY -> entry;
            case FILE -> count(entry);
            case SYMLINK -> {
                EntryNames.requireInside(path, entry.target());
                yield entry;
            }
            case HARD_LINK -> link(entry);
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> throw new IllegalStateException("it was refused before");
        };
        Item before = items.get(path);
        if (before == null) {
            put(path, new Item(place, checked));
            return;
        }
        replace(before, new Item(place, checked), path);
    }

    private void replace(Item before, Item after, String path) throws BadArchiveException {
        if (before.kind != after.kind) {
            throw new BadArchiveException(path, "comes twice and is something else the second time");
        }
        if (before.linked || before.kind == EntryKind.HARD_LINK) {
            throw new BadArchiveException(path, "comes twice and is a hard link or has one");
        }
        items.put(path, after);
    }

    /** Makes sure that everything above a path is a folder. */
    private void enter(String path, long mtimeSeconds) throws BadArchiveException {
        for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
            String above = path.substring(0, at);
            Item item = items.get(above);
            if (item == null) {
                put(
                        above,
                        new Item(-1, new TarEntry(above, EntryKind.DIRECTORY, FOLDER_MODE, 0, mtimeSeconds, "", null)));
            } else if (item.kind == EntryKind.SYMLINK) {
                throw new BadArchiveException(path, "leads through the link `" + ByteText.printable(above) + "`");
            } else if (item.kind != EntryKind.DIRECTORY) {
                throw new BadArchiveException(path, "lies below the file `" + ByteText.printable(above) + "`");
            }
        }
    }

    private void put(String path, Item item) throws BadArchiveException {
        nameBytes += path.length() + item.target.length();
        if (items.size() >= bounds.entries()) {
            throw tooMany();
        }
        if (nameBytes > SeedBounds.MAX_NAME_BYTES) {
            throw new BadArchiveException(
                    "the names of its entries take more than " + (SeedBounds.MAX_NAME_BYTES >> 20) + " MiB");
        }
        items.put(path, item);
    }

    private TarEntry count(TarEntry entry) throws BadArchiveException {
        if (entry.size() > bounds.bytes() - contentBytes) {
            throw new BadArchiveException(
                    entry.path(),
                    "has " + entry.size() + " bytes, with which the content is larger than the " + bounds.bytes()
                            + " bytes that are allowed; raise --disk-mib");
        }
        contentBytes += entry.size();
        diskBytes += (entry.storedBytes() + DISK_BLOCK - 1) / DISK_BLOCK * DISK_BLOCK;
        return entry;
    }

    private TarEntry link(TarEntry entry) throws BadArchiveException {
        String target = linkTarget(entry);
        Item item = items.get(target);
        if (item != null && item.kind == EntryKind.HARD_LINK) {
            target = item.target;
            item = items.get(target);
        }
        if (item == null || item.kind != EntryKind.FILE || target.equals(entry.path())) {
            throw noTarget(entry);
        }
        if (items.containsKey(entry.path())) {
            throw new BadArchiveException(entry.path(), "comes twice and is a hard link or has one");
        }
        item.linked = true;
        return entry.withTarget(target);
    }

    private static String linkTarget(TarEntry entry) throws BadArchiveException {
        try {
            return entry.target().isEmpty() ? "" : EntryNames.normalise(entry.target());
        } catch (BadArchiveException e) {
            // It would name the target as if it were an entry.
            throw noTarget(entry);
        }
    }

    private static BadArchiveException noTarget(TarEntry entry) {
        return new BadArchiveException(
                entry.path(),
                "is a hard link to `" + ByteText.printable(entry.target())
                        + "`, which is no earlier file of the archive");
    }

    private BadArchiveException tooMany() {
        return new BadArchiveException("it has more than the " + bounds.entries() + " entries that are allowed");
    }

    @Nullable
    Item item(String path) {
        return items.get(path);
    }

    /** Returns what a path will be that is known to be there. */
    Item known(String path) {
        return Objects.requireNonNull(items.get(path));
    }

    Map<String, Item> items() {
        return items;
    }

    long entries() {
        return items.size();
    }

    /** Returns the bytes of content of the files that will be there, each name of a file counted. */
    long bytes() {
        long sum = 0;
        for (Item item : items.values()) {
            sum += item.kind == EntryKind.FILE ? item.size : 0;
        }
        return sum;
    }

    long diskBytes() {
        return diskBytes;
    }
}
