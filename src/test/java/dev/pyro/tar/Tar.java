package dev.pyro.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Makes archives by hand, also such as no tar makes. Names are raw. */
public final class Tar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Tar file(String name, String content) {
        return header(name, '0', content.length(), "").bytes(content);
    }

    public Tar directory(String name) {
        return header(name, '5', 0, "");
    }

    public Tar symlink(String name, String target) {
        return header(name, '2', 0, target);
    }

    public Tar hardLink(String name, String target) {
        return header(name, '1', 0, target);
    }

    /** A device or a FIFO. */
    public Tar node(String name, char type, int major, int minor) {
        byte[] block = block(name, type, 0, "");
        TarHeader.putNumber(block, TarHeader.DEVICE_MAJOR_AT, TarHeader.MODE_SIZE, major);
        TarHeader.putNumber(block, TarHeader.DEVICE_MINOR_AT, TarHeader.MODE_SIZE, minor);
        return sealed(block);
    }

    /** An entry with a mode and owners; its content, if any, follows by {@link #bytes}. */
    public Tar entry(String name, char type, int mode, long uid, long gid, long size, String target) {
        byte[] block = block(name, type, size, target);
        TarHeader.putNumber(block, TarHeader.MODE_AT, TarHeader.MODE_SIZE, mode);
        TarHeader.putNumber(block, TarHeader.UID_AT, TarHeader.MODE_SIZE, uid);
        TarHeader.putNumber(block, TarHeader.GID_AT, TarHeader.MODE_SIZE, gid);
        return sealed(block);
    }

    /** A header alone, with the size that it claims. */
    public Tar header(String name, char type, long size, String target) {
        return sealed(block(name, type, size, target));
    }

    private static byte[] block(String name, char type, long size, String target) {
        byte[] block = new byte[TarHeader.BLOCK];
        TarHeader.putText(block, 0, TarHeader.NAME_SIZE, name);
        TarHeader.putNumber(block, TarHeader.MODE_AT, TarHeader.MODE_SIZE, type == '5' ? 0755 : 0644);
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, size);
        TarHeader.putNumber(block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE, 1_600_000_000);
        TarHeader.putText(block, TarHeader.TARGET_AT, TarHeader.NAME_SIZE, target);
        TarHeader.putText(block, TarHeader.MAGIC_AT, 8, "ustar\00000");
        block[TarHeader.TYPE_AT] = (byte) type;
        return block;
    }

    private Tar sealed(byte[] block) {
        TarHeader.seal(block);
        out.writeBytes(block);
        return this;
    }

    public Tar pax(String... records) {
        return pax('x', records);
    }

    public Tar pax(char type, String... records) {
        StringBuilder text = new StringBuilder();
        for (String one : records) {
            int length = one.length() + 3;
            while ((length + " " + one + "\n").length() != length) {
                length++;
            }
            text.append(length).append(' ').append(one).append('\n');
        }
        return header("pax", type, text.length(), "").bytes(text.toString());
    }

    /** An old GNU header for a file with one region of content at its start. */
    public Tar sparse(String name, String content, long realSize) {
        byte[] block = new byte[TarHeader.BLOCK];
        TarHeader.putText(block, 0, TarHeader.NAME_SIZE, name);
        TarHeader.putNumber(block, TarHeader.MODE_AT, TarHeader.MODE_SIZE, 0644);
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, content.length());
        TarHeader.putNumber(block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE, 1_600_000_000);
        TarHeader.putText(block, TarHeader.MAGIC_AT, 8, "ustar  ");
        TarHeader.putNumber(block, TarHeader.GNU_SPARSE_AT, TarHeader.NUMBER_SIZE, 0);
        TarHeader.putNumber(
                block, TarHeader.GNU_SPARSE_AT + TarHeader.NUMBER_SIZE, TarHeader.NUMBER_SIZE, content.length());
        TarHeader.putNumber(block, TarHeader.GNU_REAL_SIZE_AT, TarHeader.NUMBER_SIZE, realSize);
        block[TarHeader.TYPE_AT] = 'S';
        TarHeader.seal(block);
        out.writeBytes(block);
        return bytes(content);
    }

    public Tar bytes(String content) {
        out.writeBytes(content.getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(new byte[TarHeader.padding(content.length())]);
        return this;
    }

    public Tar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public byte[] cutOff() {
        return out.toByteArray();
    }

    public byte[] end() {
        out.writeBytes(new byte[2 * TarHeader.BLOCK]);
        return out.toByteArray();
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    /** Makes the checksum of each header right: most changes of an archive would only make it wrong. */
    public static byte[] withChecksums(byte[] data) {
        byte[] archive = data.clone();
        for (int at = 0; at + TarHeader.BLOCK <= archive.length; at += TarHeader.BLOCK) {
            byte[] block = Arrays.copyOfRange(archive, at, at + TarHeader.BLOCK);
            if (new String(block, TarHeader.MAGIC_AT, 5, StandardCharsets.ISO_8859_1).equals("ustar")) {
                TarHeader.seal(block);
                System.arraycopy(block, 0, archive, at, block.length);
            }
        }
        return archive;
    }

    public static Path write(Path file, byte[] bytes) {
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
