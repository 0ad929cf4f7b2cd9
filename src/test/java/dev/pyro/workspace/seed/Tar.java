package dev.pyro.workspace.seed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes archives by hand, also such as no tar makes. Names are raw. */
final class Tar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Tar file(String name, String content) {
        return header(name, '0', content.length(), "").bytes(content);
    }

    Tar directory(String name) {
        return header(name, '5', 0, "");
    }

    Tar symlink(String name, String target) {
        return header(name, '2', 0, target);
    }

    Tar hardLink(String name, String target) {
        return header(name, '1', 0, target);
    }

    /** A header alone, with the size that it claims. */
    Tar header(String name, char type, long size, String target) {
        byte[] block = new byte[TarHeader.BLOCK];
        TarHeader.putText(block, 0, TarHeader.NAME_SIZE, name);
        TarHeader.putNumber(block, TarHeader.MODE_AT, TarHeader.MODE_SIZE, type == '5' ? 0755 : 0644);
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, size);
        TarHeader.putNumber(block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE, 1_600_000_000);
        TarHeader.putText(block, TarHeader.TARGET_AT, TarHeader.NAME_SIZE, target);
        TarHeader.putText(block, TarHeader.MAGIC_AT, 8, "ustar\00000");
        block[TarHeader.TYPE_AT] = (byte) type;
        TarHeader.seal(block);
        out.writeBytes(block);
        return this;
    }

    Tar pax(String... records) {
        return pax('x', records);
    }

    Tar pax(char type, String... records) {
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
    Tar sparse(String name, String content, long realSize) {
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

    Tar bytes(String content) {
        out.writeBytes(content.getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(new byte[TarHeader.padding(content.length())]);
        return this;
    }

    Tar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] cutOff() {
        return out.toByteArray();
    }

    byte[] end() {
        out.writeBytes(new byte[2 * TarHeader.BLOCK]);
        return out.toByteArray();
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    static Path write(Path file, byte[] bytes) {
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
