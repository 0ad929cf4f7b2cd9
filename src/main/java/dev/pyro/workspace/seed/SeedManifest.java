package dev.pyro.workspace.seed;

import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The file that says what a workspace's baseline held: one entry for each file, directory and link, in the order of the guest's walk (siblings by the
 * bytes of their names, a directory before what is in it), without the top directory itself. Stateless.
 *
 * <p>Format, version 1, all integers big-endian: the eight bytes {@code PYROMANI}, {@code u32} version, {@code u64} number of entries; then each entry:
 * {@code u8} kind ({@code f}, {@code d}, {@code l}), {@code u16} how many bytes of the path are those of the path before, {@code u16} length of the rest
 * of the path, the rest, {@code u16} mode, {@code i64} mtime in seconds, for a file {@code u64} size, for a link {@code u16} length of the target, the
 * target; at the end {@code u32} CRC-32 of everything before.
 */
public final class SeedManifest {
    /** The version that is written; a file with a greater one is refused. */
    public static final int VERSION = 1;

    /** No manifest has more entries. */
    public static final long MAX_ENTRIES = SeedBounds.MAX_ENTRIES;

    private static final byte[] MAGIC = "PYROMANI".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LENGTH = 0xffff;

    private SeedManifest() {}

    static void write(Path file, List<TarEntry> entries, AtomicFiles.Durability durability) {
        AtomicFiles.write(file, durability, stream -> write(stream, entries));
    }

    private static void write(OutputStream stream, List<TarEntry> entries) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
        DataOutputStream out = new DataOutputStream(checked);
        out.write(MAGIC);
        out.writeInt(VERSION);
        out.writeLong(entries.size());
        byte[] before = new byte[0];
        for (TarEntry entry : entries) {
            byte[] path = entry.path().getBytes(StandardCharsets.ISO_8859_1);
            int shared = shared(before, path);
            out.writeByte(kind(entry.kind()));
            out.writeShort(shared);
            out.writeShort(path.length - shared);
            out.write(path, shared, path.length - shared);
            out.writeShort(entry.mode());
            out.writeLong(entry.mtimeSeconds());
            if (entry.kind() == EntryKind.FILE) {
                out.writeLong(entry.size());
            } else if (entry.kind() == EntryKind.SYMLINK) {
                byte[] target = entry.target().getBytes(StandardCharsets.ISO_8859_1);
                out.writeShort(target.length);
                out.write(target);
            }
            before = path;
        }
        out.flush();
        new DataOutputStream(stream).writeInt((int) checked.getChecksum().getValue());
    }

    private static char kind(EntryKind kind) {
        return switch (kind) {
            case FILE -> 'f';
            case DIRECTORY -> 'd';
            case SYMLINK -> 'l';
            case HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                throw new IllegalStateException("not in a manifest: " + kind);
        };
    }

    private static int shared(byte[] before, byte[] path) {
        int mismatch = java.util.Arrays.mismatch(before, path);
        return mismatch < 0 ? path.length : mismatch;
    }

    /**
     * Reads a manifest. It can be large: use {@link #forEach} where a list is not needed.
     *
     * @throws PyroException as {@link #forEach} does
     */
    public static List<ManifestEntry> read(Path file) {
        List<ManifestEntry> entries = new ArrayList<>();
        forEach(file, entries::add);
        return entries;
    }

    /**
     * Hands over each entry in its order. When it throws, some may have been handed over.
     *
     * @throws PyroException {@link ErrorCode#RECORD_CORRUPT}, {@link ErrorCode#RECORD_TOO_NEW}, {@link ErrorCode#STORAGE_UNUSABLE}
     */
    public static void forEach(Path file, Consumer<ManifestEntry> consumer) {
        try (CheckedInputStream checked =
                        new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file)), new CRC32());
                DataInputStream in = new DataInputStream(checked)) {
            if (!java.util.Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw corrupt(file, "it is no manifest", null);
            }
            int version = in.readInt();
            if (version > VERSION) {
                throw new PyroException(
                        ErrorCode.RECORD_TOO_NEW,
                        "the manifest " + file + " has format version " + version + "; this Pyro reads up to " + VERSION
                                + ": use the newer Pyro that wrote it");
            }
            long count = in.readLong();
            if (version < 1 || count < 0 || count > MAX_ENTRIES) {
                throw corrupt(file, "its head makes no sense", null);
            }
            byte[] path = new byte[0];
            for (long i = 0; i < count; i++) {
                path = entry(file, in, path, consumer);
            }
            int sum = (int) checked.getChecksum().getValue();
            if (in.readInt() != sum || in.read() >= 0) {
                throw corrupt(file, "its checksum is wrong", null);
            }
        } catch (java.io.EOFException e) {
            throw corrupt(file, "it is cut off", e);
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    private static byte[] entry(Path file, DataInputStream in, byte[] before, Consumer<ManifestEntry> consumer)
            throws IOException {
        int kind = in.readUnsignedByte();
        int shared = in.readUnsignedShort();
        int rest = in.readUnsignedShort();
        if (shared > before.length || shared + rest > MAX_LENGTH || shared + rest == 0) {
            throw corrupt(file, "a path makes no sense", null);
        }
        byte[] path = java.util.Arrays.copyOf(before, shared + rest);
        in.readFully(path, shared, rest);
        int mode = in.readUnsignedShort();
        long mtime = in.readLong();
        String name = text(path);
        consumer.accept(
                switch (kind) {
                    case 'f' -> new ManifestEntry(name, ArtifactType.FILE, mode, in.readLong(), mtime, null);
                    case 'd' -> new ManifestEntry(name, ArtifactType.DIRECTORY, mode, 0, mtime, null);
                    case 'l' -> {
                        byte[] target = new byte[in.readUnsignedShort()];
                        in.readFully(target);
                        yield new ManifestEntry(name, ArtifactType.SYMLINK, mode, target.length, mtime, text(target));
                    }
                    default -> throw corrupt(file, "an entry is of no known kind", null);
                });
        return path;
    }

    private static String text(byte[] bytes) {
        return ByteText.ofRaw(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private static PyroException corrupt(Path file, String what, @Nullable Throwable cause) {
        return new PyroException(ErrorCode.RECORD_CORRUPT, "the manifest " + file + " is damaged: " + what, cause);
    }
}
