package dev.pyro.image;

import dev.pyro.disk.DiskLayer;
import dev.pyro.disk.DiskUsage;
import dev.pyro.disk.Ext4Inode;
import dev.pyro.disk.Ext4Reader;
import dev.pyro.disk.Qcow2;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.oci.Sha256;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarWriter;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a root file system as one layer of an image, without mounting it. The same file system gives the same bytes: paths come in the order of
 * {@code tar --sort=name}, and nothing in the layer tells when or where it was written. Stateless.
 */
public final class Ext4Layer {
    /** More costs more time than a registry on the way takes for the bytes that it saves. */
    private static final int GZIP_LEVEL = 4;

    private static final int PIECE_BYTES = 256 << 10;
    private static final int MAX_PATH_CHARS = 4095;
    private static final int MAX_ENTRIES = 2_000_000;
    private static final int FIFO = 0010000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;

    /** mke2fs makes it, so that it is not part of what was put into the image. */
    private static final String LOST_AND_FOUND = "./lost+found";

    private Ext4Layer() {}

    /**
     * A layer that was written.
     *
     * @param digest of the compressed bytes
     * @param diffId the digest of the archive before its compression
     * @param size of the compressed bytes
     */
    public record Layer(String digest, String diffId, long size) {}

    /**
     * Writes the layer and flushes it to the disk.
     *
     * @param rootfs a raw ext4 image
     * @param gzip the layer; does not exist yet, and may be there in part when this throws
     * @param progress hears now and then how many bytes of files were written
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#STORAGE_UNUSABLE} also when the image is damaged, {@link
     *     ErrorCode#INTERRUPTED}
     */
    public static Layer write(Path rootfs, Path gzip, LongConsumer progress) {
        MessageDigest compressed = Sha256.start();
        MessageDigest plain = Sha256.start();
        try (Ext4Reader reader = Ext4Reader.open(List.of(new DiskLayer(rootfs, Qcow2.Format.RAW)));
                FileOutputStream file = new FileOutputStream(gzip.toFile())) {
            // In front of each digest, which would be slow if it were fed a header at a time.
            OutputStream packed = new BufferedOutputStream(new DigestOutputStream(file, compressed), PIECE_BYTES);
            OutputStream archive =
                    new BufferedOutputStream(new DigestOutputStream(new Gzip(packed), plain), PIECE_BYTES);
            new Walk(reader, new TarWriter(archive), progress).run();
            archive.close();
            DiskUsage.flush(gzip);
            return new Layer(
                    Sha256.end(compressed), Sha256.end(plain), gzip.toFile().length());
        } catch (IOException e) {
            throw AtomicFiles.failure("write", gzip, e);
        }
    }

    /** Its header holds no time, and no name. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, PIECE_BYTES);
            def.setLevel(GZIP_LEVEL);
        }
    }

    /** One way through a file system. */
    private static final class Walk {
        private static final Comparator<Ext4Reader.Name> BY_BYTES = Comparator.comparing(Ext4Reader.Name::text);

        private final Ext4Reader reader;
        private final TarWriter writer;
        private final LongConsumer progress;
        private final Map<Long, String> linked = new HashMap<>();
        private final byte[] piece = new byte[PIECE_BYTES];
        private long written;
        private int entries;

        Walk(Ext4Reader reader, TarWriter writer, LongConsumer progress) {
            this.reader = reader;
            this.writer = writer;
            this.progress = progress;
        }

        /** A directory that was begun. */
        private record Level(String path, Iterator<Ext4Reader.Name> names) {}

        void run() throws IOException {
            Deque<Level> levels = new ArrayDeque<>();
            levels.push(enter(".", reader.root()));
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
                    levels.push(enter(path, inode));
                } else {
                    write(path, inode);
                }
            }
            writer.end();
            progress.accept(written);
        }

        private Level enter(String path, Ext4Inode directory) throws IOException {
            writer.entry(entry(path, EntryKind.DIRECTORY, directory, ""));
            return new Level(
                    path, reader.names(directory).stream().sorted(BY_BYTES).iterator());
        }

        private void write(String path, Ext4Inode inode) throws IOException {
            EntryKind kind = kind(inode);
            if (kind == null) {
                return;
            }
            String first = inode.links() > 1 ? linked.putIfAbsent(inode.number(), path) : null;
            if (first != null) {
                writer.entry(entry(path, EntryKind.HARD_LINK, inode, first));
                return;
            }
            String target =
                    kind == EntryKind.SYMLINK ? new String(reader.linkTarget(inode), StandardCharsets.ISO_8859_1) : "";
            writer.entry(entry(path, kind, inode, target));
            if (kind == EntryKind.FILE) {
                content(inode);
            }
        }

        private void content(Ext4Inode file) throws IOException {
            for (long at = 0; at < file.size(); ) {
                requireNoInterruption();
                int count = (int) Math.min(piece.length, file.size() - at);
                reader.read(file, at, ByteBuffer.wrap(piece, 0, count));
                writer.content(piece, 0, count);
                at += count;
                written += count;
                progress.accept(written);
            }
        }

        private TarEntry entry(String path, EntryKind kind, Ext4Inode inode, String target) {
            Map<String, byte[]> xattrs = kind == EntryKind.HARD_LINK ? new TreeMap<>() : reader.xattrs(inode);
            boolean device = kind == EntryKind.CHARACTER_DEVICE || kind == EntryKind.BLOCK_DEVICE;
            return new TarEntry(
                    path,
                    kind,
                    inode.permissions(),
                    inode.uid(),
                    inode.gid(),
                    kind == EntryKind.FILE ? inode.size() : 0,
                    inode.mtimeSeconds(),
                    target,
                    xattrs,
                    device
                            ? new TarEntry.Device(
                                    inode.device().major(), inode.device().minor())
                            : null,
                    null);
        }

        /** Returns null for what no archive can hold: a socket, which is of no use without the program that made it. */
        private static @Nullable EntryKind kind(Ext4Inode inode) {
            return switch (inode.type()) {
                case FILE -> EntryKind.FILE;
                case DIRECTORY -> EntryKind.DIRECTORY;
                case SYMLINK -> EntryKind.SYMLINK;
                case OTHER ->
                    switch (inode.typeBits()) {
                        case FIFO -> EntryKind.FIFO;
                        case CHARACTER_DEVICE -> EntryKind.CHARACTER_DEVICE;
                        case BLOCK_DEVICE -> EntryKind.BLOCK_DEVICE;
                        default -> null;
                    };
            };
        }

        private static void requireNoInterruption() {
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while it read the environment's image");
            }
        }
    }
}
