package dev.pyro.workspace.seed;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarFeed;
import dev.pyro.tar.TarReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks, entry by entry, the archive that a guest makes of one of its paths. The guest is hostile: each entry must lie below the one name that was
 * asked for, in a folder that came before, under a name that did not. The top itself is given out under another name. Not safe for use by several
 * threads.
 */
final class ExportFeed implements TarFeed {
    /** What the top is called in what is given out. */
    static final String TOP = "content";

    private static final int PERMISSIONS = 0777;
    private static final int FILE_AT_LEAST = 0600;
    private static final int FOLDER_AT_LEAST = 0700;

    private final TarReader reader;
    private final String top;
    private final SeedBounds bounds;
    private final Map<String, EntryKind> seen = new HashMap<>();
    private long nameBytes;
    private long bytes;

    /**
     * @param top the raw name that was asked for
     */
    ExportFeed(TarReader reader, String top, SeedBounds bounds) {
        this.reader = reader;
        this.top = top;
        this.bounds = bounds;
    }

    @Override
    public @Nullable TarEntry next() throws IOException {
        TarEntry raw = reader.next();
        if (raw == null) {
            if (seen.isEmpty()) {
                throw new BadArchiveException("it is empty");
            }
            return null;
        }
        EntryNames.requireNoDevice(raw);
        String path = EntryNames.normalise(raw.path());
        if (seen.isEmpty() ? !path.equals(top) : !lies(path)) {
            throw new BadArchiveException(raw.path(), "does not lie in what was asked for");
        }
        if (raw.kind() == EntryKind.HARD_LINK) {
            throw new BadArchiveException(raw.path(), "is a hard link");
        }
        count(path, raw);
        TarEntry entry = raw.withPath(TOP + path.substring(top.length()));
        return switch (entry.kind()) {
            case FILE -> entry.withMode((entry.mode() & PERMISSIONS) | FILE_AT_LEAST);
            case DIRECTORY -> entry.withMode((entry.mode() & PERMISSIONS) | FOLDER_AT_LEAST);
            case SYMLINK, HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> entry;
        };
    }

    /** Tells whether a path's folder was there before. */
    private boolean lies(String path) {
        return path.startsWith(top + "/") && seen.get(EntryNames.parent(path)) == EntryKind.DIRECTORY;
    }

    private void count(String path, TarEntry entry) throws BadArchiveException {
        if (entry.kind() == EntryKind.SYMLINK
                && (entry.target().isEmpty() || entry.target().length() > EntryNames.MAX_PATH_BYTES)) {
            throw new BadArchiveException(path, "is a link without a usable target");
        }
        nameBytes += path.length();
        if (seen.size() >= bounds.entries() || nameBytes > SeedBounds.MAX_NAME_BYTES) {
            throw new BadArchiveException("it has more than the " + bounds.entries() + " entries that are allowed");
        }
        if (entry.size() > bounds.bytes() - bytes) {
            throw new BadArchiveException(
                    path, "makes it larger than the " + bounds.bytes() + " bytes that are allowed");
        }
        bytes += entry.size();
        if (seen.put(path, entry.kind()) != null) {
            throw new BadArchiveException(path, "comes twice");
        }
    }

    EntryKind topKind() {
        return java.util.Objects.requireNonNull(seen.get(top));
    }

    long entries() {
        return seen.size();
    }

    long bytes() {
        return bytes;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return reader.read(buffer, offset, length);
    }

    @Override
    public void close() {}
}
