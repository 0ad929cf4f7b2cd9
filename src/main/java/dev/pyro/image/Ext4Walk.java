package dev.pyro.image;

import dev.pyro.disk.DiskLayer;
import dev.pyro.disk.Ext4Inode;
import dev.pyro.disk.Ext4Reader;
import dev.pyro.disk.Qcow2;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The way through the root file system of an environment: every name once, those of a folder behind it, in the order of
 * {@code tar --sort=name}. A hostile image costs no more than its size: no folder has two names, and no more is read than it can hold. Not safe for use
 * by several threads.
 */
final class Ext4Walk implements AutoCloseable {
    private static final int PIECE_BYTES = 256 << 10;
    private static final int MAX_PATH_CHARS = 4095;
    private static final int MAX_ENTRIES = 2_000_000;

    /** Of files that have several names, each one's first is held in memory. */
    private static final long MAX_HELD_CHARS = 128L << 20;

    private static final int HEAP_SHARE = 6;

    /** mke2fs makes it, so that it is not part of what was put into the image. */
    private static final String LOST_AND_FOUND = "./lost+found";

    private static final Comparator<Ext4Reader.Name> BY_BYTES = Comparator.comparing(Ext4Reader.Name::text);

    private final Ext4Reader reader;
    private final long maxHeldChars;
    private final Map<Long, String> linked = new HashMap<>();
    private final Set<Long> folders = new HashSet<>();
    private final byte[] piece = new byte[PIECE_BYTES];
    private int entries;
    private long heldChars;
    private long takenBytes;

    private Ext4Walk(Ext4Reader reader) {
        this.reader = reader;
        this.maxHeldChars = Math.min(MAX_HELD_CHARS, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** Opens a raw image. */
    static Ext4Walk open(Path rootfs) {
        return new Ext4Walk(Ext4Reader.open(List.of(new DiskLayer(rootfs, Qcow2.Format.RAW))));
    }

    /** Hears of what there is. */
    interface Visitor {
        /** A folder; the top one is {@code .}. */
        void folder(String path, Ext4Inode inode) throws IOException;

        /**
         * Anything else.
         *
         * @param first the first name of the same file, when this is another one; else null
         */
        void other(String path, Ext4Inode inode, @Nullable String first) throws IOException;
    }

    /** A folder that was begun. */
    private record Level(String path, Iterator<Ext4Reader.Name> names) {}

    Ext4Reader reader() {
        return reader;
    }

    /** Goes the whole way, any number of times. */
    void run(Visitor visitor) throws IOException {
        linked.clear();
        folders.clear();
        entries = 0;
        heldChars = 0;
        takenBytes = 0;
        Deque<Level> levels = new ArrayDeque<>();
        levels.push(enter(".", reader.root(), visitor));
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (!level.names().hasNext()) {
                levels.pop();
                continue;
            }
            Ext4Reader.Name name = level.names().next();
            String path = level.path() + "/" + name.text();
            if (path.equals(LOST_AND_FOUND)) {
                continue;
            }
            if (path.length() > MAX_PATH_CHARS) {
                throw damaged("its folders have no end");
            }
            requireNoInterruption();
            Ext4Inode inode = reader.inode(name.inode());
            if (inode.type() == ArtifactType.DIRECTORY) {
                levels.push(enter(path, inode, visitor));
            } else {
                visitor.other(path, inode, inode.links() > 1 ? firstName(inode, path) : null);
            }
        }
    }

    private @Nullable String firstName(Ext4Inode inode, String path) {
        String first = linked.putIfAbsent(inode.number(), path);
        if (first == null) {
            heldChars += path.length();
            if (heldChars > maxHeldChars) {
                throw damaged("it has too many files of several names");
            }
        }
        return first;
    }

    private Level enter(String path, Ext4Inode folder, Visitor visitor) throws IOException {
        if (!folders.add(folder.number())) {
            throw damaged("one of its folders has two names, or is within itself");
        }
        take(folder.size());
        visitor.folder(path, folder);
        List<Ext4Reader.Name> names = reader.names(folder);
        entries += names.size();
        if (entries > MAX_ENTRIES) {
            throw damaged("it has more than " + MAX_ENTRIES + " names");
        }
        return new Level(path, names.stream().sorted(BY_BYTES).iterator());
    }

    /** Counts what is read of the image. Sound files and folders share nothing. */
    private void take(long bytes) {
        takenBytes += bytes;
        if (takenBytes < 0 || takenBytes > reader.bytes()) {
            throw damaged("its files share blocks, and have more in all than it is large");
        }
    }

    private static PyroException damaged(String what) {
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "cannot read the environment's image: " + what
                        + "; delete it with `pyro env prune --all` and install it anew");
    }

    /** Returns where a link leads, raw. */
    String target(Ext4Inode link) {
        return new String(reader.linkTarget(link), StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns where a file has content.
     *
     * @param leastHole a shorter hole counts as content
     */
    SparseMap regions(Ext4Inode file, long leastHole) {
        RegionList regions = new RegionList(leastHole);
        for (long at = 0; at < file.size(); ) {
            long begin = at + length(file, at, true);
            long end = begin + length(file, begin, false);
            regions.add(begin, end);
            at = end;
        }
        take(regions.filledBytes());
        return regions.map();
    }

    private long length(Ext4Inode file, long from, boolean hole) {
        long at = from;
        while (at < file.size()) {
            requireNoInterruption();
            Ext4Reader.Stretch stretch = reader.stretch(file, at);
            if (stretch.hole() != hole) {
                break;
            }
            take(hole ? 0 : stretch.bytes());
            at += stretch.bytes();
        }
        return at - from;
    }

    /**
     * Writes the content of the entry that was begun.
     *
     * @param onBytes hears of each piece how long it is
     */
    void content(Ext4Inode file, SparseMap regions, TarWriter out, LongConsumer onBytes) throws IOException {
        for (int i = 0; i < regions.count(); i++) {
            for (long at = regions.offset(i); at < regions.end(i); ) {
                requireNoInterruption();
                int count = (int) Math.min(piece.length, regions.end(i) - at);
                reader.read(file, at, ByteBuffer.wrap(piece, 0, count));
                out.content(piece, 0, count);
                at += count;
                onBytes.accept(count);
            }
        }
    }

    private static void requireNoInterruption() {
        if (Thread.currentThread().isInterrupted()) {
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while it read the environment's image");
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
