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
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One way through the root file system of an environment: every name once, those of a folder behind it, in the order of
 * {@code tar --sort=name}. Not safe for use by several threads.
 */
final class Ext4Walk implements AutoCloseable {
    private static final int PIECE_BYTES = 256 << 10;
    private static final int MAX_PATH_CHARS = 4095;
    private static final int MAX_ENTRIES = 2_000_000;

    /** mke2fs makes it, so that it is not part of what was put into the image. */
    private static final String LOST_AND_FOUND = "./lost+found";

    private static final Comparator<Ext4Reader.Name> BY_BYTES = Comparator.comparing(Ext4Reader.Name::text);

    private final Ext4Reader reader;
    private final Map<Long, String> linked = new HashMap<>();
    private final byte[] piece = new byte[PIECE_BYTES];
    private int entries;

    private Ext4Walk(Ext4Reader reader) {
        this.reader = reader;
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

    void run(Visitor visitor) throws IOException {
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
            if (path.length() > MAX_PATH_CHARS || entries++ > MAX_ENTRIES) {
                throw new PyroException(
                        ErrorCode.STORAGE_UNUSABLE,
                        "cannot read the environment's image: its folders have no end; delete it with `pyro env prune"
                                + " --all` and install it anew");
            }
            requireNoInterruption();
            Ext4Inode inode = reader.inode(name.inode());
            if (inode.type() == ArtifactType.DIRECTORY) {
                levels.push(enter(path, inode, visitor));
            } else {
                visitor.other(path, inode, inode.links() > 1 ? linked.putIfAbsent(inode.number(), path) : null);
            }
        }
    }

    private Level enter(String path, Ext4Inode folder, Visitor visitor) throws IOException {
        visitor.folder(path, folder);
        return new Level(path, reader.names(folder).stream().sorted(BY_BYTES).iterator());
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
        long[] regions = new long[2];
        int count = 0;
        for (long at = 0; at < file.size(); ) {
            requireNoInterruption();
            long hole = length(file, at, true);
            long end = at + hole + length(file, at + hole, false);
            long begin = hole < leastHole ? at : at + hole;
            if (count > 0 && begin == regions[count - 2] + regions[count - 1]) {
                regions[count - 1] += end - begin;
            } else if (begin < end) {
                regions = Arrays.copyOf(regions, Math.max(regions.length, 2 * count + 2));
                regions[count++] = begin;
                regions[count++] = end - begin;
            }
            at = end;
        }
        return new SparseMap(Arrays.copyOf(regions, count));
    }

    private long length(Ext4Inode file, long from, boolean hole) {
        long at = from;
        while (at < file.size()) {
            Ext4Reader.Stretch stretch = reader.stretch(file, at);
            if (stretch.hole() != hole) {
                break;
            }
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
