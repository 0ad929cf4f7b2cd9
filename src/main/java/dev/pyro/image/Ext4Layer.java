package dev.pyro.image;

import dev.pyro.disk.DiskUsage;
import dev.pyro.disk.Ext4Inode;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.oci.Sha256;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.HoleForm;
import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarWriter;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
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

    /**
     * Shorter holes are written as zeros: a layer with holes can be pulled by Docker and Podman, but not pushed or saved by them. Zeros in the place of
     * a long one would make the layer a bomb: they take next to no room in it.
     */
    private static final long LEAST_HOLE_BYTES = 1L << 30;

    /** A list of more is too long for some programs. */
    private static final long MAX_HOLES_OF_FILE = 10_000;

    private static final int FIFO = 0010000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;

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
        try (Ext4Walk walk = Ext4Walk.open(rootfs);
                FileOutputStream file = new FileOutputStream(gzip.toFile())) {
            // In front of each digest, which would be slow if it were fed a header at a time.
            OutputStream packed = new BufferedOutputStream(new DigestOutputStream(file, compressed), PIECE_BYTES);
            OutputStream archive =
                    new BufferedOutputStream(new DigestOutputStream(new Gzip(packed), plain), PIECE_BYTES);
            new Entries(walk, new TarWriter(archive, HoleForm.PAX), progress).write();
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

    /** Writes what a walk comes by. */
    private static final class Entries implements Ext4Walk.Visitor {
        private final Ext4Walk walk;
        private final TarWriter writer;
        private final LongConsumer progress;
        private long written;

        Entries(Ext4Walk walk, TarWriter writer, LongConsumer progress) {
            this.walk = walk;
            this.writer = writer;
            this.progress = progress;
        }

        void write() throws IOException {
            walk.run(this);
            writer.end();
            progress.accept(written);
        }

        @Override
        public void folder(String path, Ext4Inode inode) throws IOException {
            writer.entry(entry(path, EntryKind.DIRECTORY, inode, "", null));
        }

        @Override
        public void other(String path, Ext4Inode inode, @Nullable String first) throws IOException {
            EntryKind kind = kind(inode);
            if (kind == null) {
                return;
            }
            if (first != null) {
                writer.entry(entry(path, EntryKind.HARD_LINK, inode, first, null));
                return;
            }
            if (kind == EntryKind.FILE) {
                SparseMap regions = walk.regions(inode, Math.max(LEAST_HOLE_BYTES, inode.size() / MAX_HOLES_OF_FILE));
                writer.entry(entry(path, kind, inode, "", regions.dataBytes() < inode.size() ? regions : null));
                walk.content(inode, regions, writer, this::wrote);
                return;
            }
            writer.entry(entry(path, kind, inode, kind == EntryKind.SYMLINK ? walk.target(inode) : "", null));
        }

        private void wrote(long bytes) {
            written += bytes;
            progress.accept(written);
        }

        private TarEntry entry(
                String path, EntryKind kind, Ext4Inode inode, String target, @Nullable SparseMap sparse) {
            Map<String, byte[]> xattrs = kind == EntryKind.HARD_LINK
                    ? new TreeMap<>()
                    : walk.reader().xattrs(inode);
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
                    sparse);
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
    }
}
