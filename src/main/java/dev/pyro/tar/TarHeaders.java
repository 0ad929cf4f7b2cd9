package dev.pyro.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one form in which entries are written: ustar headers; GNU headers for long names, which no tar decodes; and before them a pax header for
 * attributes and for numbers that are out of range. Stateless.
 */
final class TarHeaders {
    private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] GNU_MAGIC = "ustar  \0".getBytes(StandardCharsets.ISO_8859_1);
    private static final long MAX_OCTAL = (1L << 33) - 1;
    private static final long MAX_SHORT_OCTAL = (1L << 21) - 1;
    private static final int LINK_MODE = 0777;
    private static final int EXTENSION_MODE = 0644;
    private static final String SPARSE = "GNU.sparse.";

    private TarHeaders() {}

    /**
     * Returns everything that comes before an entry's content.
     *
     * @param sparse where the file has content that follows, or null when all of it does
     */
    static byte[] of(TarEntry entry, @Nullable SparseMap sparse) {
        return of(entry, sparse, HoleForm.GNU);
    }

    /** Likewise, with holes written in a form. */
    static byte[] of(TarEntry entry, @Nullable SparseMap sparse, HoleForm form) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(TarHeader.BLOCK);
        String name = entry.kind() == EntryKind.DIRECTORY ? entry.path() + "/" : entry.path();
        SparseMap gnu = form == HoleForm.GNU ? sparse : null;
        byte[] list = sparse == null || gnu != null ? new byte[0] : list(sparse.untilEnd(entry.size()));
        long content = sparse == null ? entry.size() : list.length + sparse.dataBytes();
        long stored = entry.kind() == EntryKind.FILE ? content : 0;
        byte[] records = records(entry, stored, sparse, form);
        if (records.length > 0) {
            extension(out, 'x', "pax", records);
        }
        if (name.length() > TarHeader.NAME_SIZE) {
            longName(out, 'L', name);
        }
        if (entry.target().length() > TarHeader.NAME_SIZE) {
            longName(out, 'K', entry.target());
        }
        byte[] block = block(name, entry.kind() == EntryKind.SYMLINK ? LINK_MODE : entry.mode());
        TarHeader.putNumber(block, TarHeader.UID_AT, TarHeader.MODE_SIZE, Math.clamp(entry.uid(), 0, MAX_SHORT_OCTAL));
        TarHeader.putNumber(block, TarHeader.GID_AT, TarHeader.MODE_SIZE, Math.clamp(entry.gid(), 0, MAX_SHORT_OCTAL));
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, stored);
        TarHeader.putNumber(
                block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE, Math.clamp(entry.mtimeSeconds(), 0, MAX_OCTAL));
        TarHeader.putText(block, TarHeader.TARGET_AT, TarHeader.NAME_SIZE, entry.target());
        TarEntry.Device device = entry.device();
        if (device != null) {
            TarHeader.putNumber(block, TarHeader.DEVICE_MAJOR_AT, TarHeader.MODE_SIZE, device.major());
            TarHeader.putNumber(block, TarHeader.DEVICE_MINOR_AT, TarHeader.MODE_SIZE, device.minor());
        }
        block[TarHeader.TYPE_AT] = (byte) type(entry.kind(), gnu);
        if (gnu == null) {
            TarHeader.seal(block);
            out.writeBytes(block);
            out.writeBytes(list);
        } else {
            sparse(out, block, gnu, entry.size());
        }
        return out.toByteArray();
    }

    private static char type(EntryKind kind, @Nullable SparseMap sparse) {
        return switch (kind) {
            case FILE -> sparse == null ? '0' : 'S';
            case DIRECTORY -> '5';
            case SYMLINK -> '2';
            case HARD_LINK -> '1';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case FIFO -> '6';
        };
    }

    private static byte[] records(TarEntry entry, long stored, @Nullable SparseMap sparse, HoleForm form) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (sparse != null && form == HoleForm.PAX) {
            record(out, SPARSE + "major", decimal(1));
            record(out, SPARSE + "minor", decimal(0));
            record(out, SPARSE + "realsize", decimal(entry.size()));
        }
        number(out, "uid", entry.uid(), MAX_SHORT_OCTAL);
        number(out, "gid", entry.gid(), MAX_SHORT_OCTAL);
        number(out, "mtime", entry.mtimeSeconds(), MAX_OCTAL);
        if (sparse == null || form == HoleForm.PAX) {
            number(out, "size", stored, MAX_OCTAL);
        }
        // In one order, so that the same entry gives the same bytes.
        new TreeMap<>(entry.xattrs()).forEach((key, value) -> record(out, PaxRecords.XATTR + key, value));
        return out.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, String key, long value, long max) {
        if (value < 0 || value > max) {
            record(out, key, decimal(value));
        }
    }

    private static byte[] decimal(long value) {
        return Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A record says how long it is, that number included. */
    private static void record(ByteArrayOutputStream out, String key, byte[] value) {
        byte[] start = (" " + key + "=").getBytes(StandardCharsets.ISO_8859_1);
        int rest = start.length + value.length + 1;
        int length = rest + 1;
        while (rest + Integer.toString(length).length() != length) {
            length++;
        }
        out.writeBytes(decimal(length));
        out.writeBytes(start);
        out.writeBytes(value);
        out.write('\n');
    }

    private static byte[] block(String name, int mode) {
        byte[] block = new byte[TarHeader.BLOCK];
        TarHeader.putText(block, 0, TarHeader.NAME_SIZE, name);
        TarHeader.putNumber(block, TarHeader.MODE_AT, TarHeader.MODE_SIZE, mode);
        TarHeader.putNumber(block, TarHeader.UID_AT, TarHeader.MODE_SIZE, 0);
        TarHeader.putNumber(block, TarHeader.GID_AT, TarHeader.MODE_SIZE, 0);
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, 0);
        TarHeader.putNumber(block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE, 0);
        System.arraycopy(MAGIC, 0, block, TarHeader.MAGIC_AT, MAGIC.length);
        return block;
    }

    private static void longName(ByteArrayOutputStream out, char type, String name) {
        extension(out, type, "././@LongLink", (name + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void extension(ByteArrayOutputStream out, char type, String name, byte[] bytes) {
        byte[] block = block(name, EXTENSION_MODE);
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, bytes.length);
        block[TarHeader.TYPE_AT] = (byte) type;
        if (type != 'x') {
            System.arraycopy(GNU_MAGIC, 0, block, TarHeader.MAGIC_AT, GNU_MAGIC.length);
        }
        TarHeader.seal(block);
        out.writeBytes(block);
        out.writeBytes(bytes);
        out.writeBytes(new byte[TarHeader.padding(bytes.length)]);
    }

    private static void sparse(ByteArrayOutputStream out, byte[] block, SparseMap map, long size) {
        // Without a region at its end tar would make the file too short.
        SparseMap regions = map.untilEnd(size);
        System.arraycopy(GNU_MAGIC, 0, block, TarHeader.MAGIC_AT, GNU_MAGIC.length);
        TarHeader.putNumber(block, TarHeader.GNU_REAL_SIZE_AT, TarHeader.NUMBER_SIZE, size);
        int next = putRegions(block, TarHeader.GNU_SPARSE_AT, TarHeader.GNU_SPARSE_REGIONS, regions, 0);
        block[TarHeader.GNU_EXTENDED_AT] = (byte) (next < regions.count() ? 1 : 0);
        TarHeader.seal(block);
        out.writeBytes(block);
        while (next < regions.count()) {
            byte[] more = new byte[TarHeader.BLOCK];
            next = putRegions(more, 0, TarHeader.GNU_MORE_REGIONS, regions, next);
            more[TarHeader.GNU_MORE_EXTENDED_AT] = (byte) (next < regions.count() ? 1 : 0);
            out.writeBytes(more);
        }
    }

    /** Returns the list that begins the content in the pax form: how many regions, and each one's numbers, filled up to a block. */
    private static byte[] list(SparseMap regions) {
        StringBuilder lines = new StringBuilder().append(regions.count()).append('\n');
        for (int i = 0; i < regions.count(); i++) {
            lines.append(regions.offset(i)).append('\n');
            lines.append(regions.length(i)).append('\n');
        }
        byte[] bytes = lines.toString().getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(bytes, bytes.length + TarHeader.padding(bytes.length));
    }

    private static int putRegions(byte[] block, int at, int most, SparseMap regions, int first) {
        int next = first;
        for (int i = 0; i < most && next < regions.count(); i++, next++) {
            int field = at + i * 2 * TarHeader.NUMBER_SIZE;
            TarHeader.putNumber(block, field, TarHeader.NUMBER_SIZE, regions.offset(next));
            TarHeader.putNumber(block, field + TarHeader.NUMBER_SIZE, TarHeader.NUMBER_SIZE, regions.length(next));
        }
        return next;
    }
}
