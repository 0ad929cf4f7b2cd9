package dev.pyro.workspace.seed;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes a feed as a tar archive of one simple form, whatever form it came in: ustar headers of root's, GNU headers for long names, pax headers for
 * sizes and times that are out of their range. So nothing that was not understood reaches whoever unpacks it. Not safe for use by several threads.
 */
final class TarStream extends InputStream {
    private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] GNU_MAGIC = "ustar  \0".getBytes(StandardCharsets.ISO_8859_1);
    private static final long MAX_OCTAL = (1L << 33) - 1;
    private static final int LINK_MODE = 0777;
    private static final byte[] END = new byte[2 * TarHeader.BLOCK];

    private final TarFeed feed;
    private final boolean keepHoles;
    private byte[] pending = new byte[0];
    private int pendingAt;
    private @Nullable Content content;
    private boolean ended;

    /**
     * @param keepHoles whether files with holes have them in the archive too, in GNU's older form; otherwise they are filled with zeros
     */
    TarStream(TarFeed feed, boolean keepHoles) {
        this.feed = feed;
        this.keepHoles = keepHoles;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (pendingAt == pending.length) {
            if (content != null) {
                int count = content.read(buffer, offset, length);
                if (count > 0) {
                    return count;
                }
                pending = new byte[TarHeader.padding(content.total())];
                content = null;
            } else if (ended) {
                return -1;
            } else {
                pending = advance();
            }
            pendingAt = 0;
        }
        int count = Math.min(length, pending.length - pendingAt);
        System.arraycopy(pending, pendingAt, buffer, offset, count);
        pendingAt += count;
        return count;
    }

    private byte[] advance() throws IOException {
        TarEntry entry = feed.next();
        if (entry == null) {
            ended = true;
            return END;
        }
        SparseMap sparse = entry.sparse();
        if (entry.kind() == EntryKind.FILE) {
            content = sparse == null || keepHoles
                    ? new Plain(feed, entry.storedBytes())
                    : new Filled(feed, sparse, entry.size());
        }
        return headers(entry, keepHoles ? sparse : null);
    }

    @Override
    public void close() throws IOException {
        feed.close();
    }

    private static byte[] headers(TarEntry entry, @Nullable SparseMap sparse) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(TarHeader.BLOCK);
        String name = entry.kind() == EntryKind.DIRECTORY ? entry.path() + "/" : entry.path();
        long stored = entry.kind() == EntryKind.FILE ? sparse == null ? entry.size() : sparse.dataBytes() : 0;
        StringBuilder pax = new StringBuilder();
        if (entry.mtimeSeconds() < 0 || entry.mtimeSeconds() > MAX_OCTAL) {
            pax.append(record("mtime", entry.mtimeSeconds()));
        }
        if (stored > MAX_OCTAL && sparse == null) {
            pax.append(record("size", stored));
        }
        if (!pax.isEmpty()) {
            extension(out, 'x', "pax", pax.toString());
        }
        if (name.length() > TarHeader.NAME_SIZE) {
            extension(out, 'L', "././@LongLink", name + "\0");
        }
        if (entry.target().length() > TarHeader.NAME_SIZE) {
            extension(out, 'K', "././@LongLink", entry.target() + "\0");
        }
        byte[] block = block(name, entry.kind() == EntryKind.SYMLINK ? LINK_MODE : entry.mode());
        TarHeader.putNumber(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE, stored);
        TarHeader.putNumber(
                block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE, Math.clamp(entry.mtimeSeconds(), 0, MAX_OCTAL));
        TarHeader.putText(block, TarHeader.TARGET_AT, TarHeader.NAME_SIZE, entry.target());
        block[TarHeader.TYPE_AT] = (byte) type(entry.kind(), sparse);
        if (sparse == null) {
            TarHeader.seal(block);
            out.writeBytes(block);
        } else {
            sparse(out, block, sparse, entry.size());
        }
        return out.toByteArray();
    }

    private static char type(EntryKind kind, @Nullable SparseMap sparse) {
        return switch (kind) {
            case FILE -> sparse == null ? '0' : 'S';
            case DIRECTORY -> '5';
            case SYMLINK -> '2';
            case HARD_LINK -> '1';
        };
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

    private static void extension(ByteArrayOutputStream out, char type, String name, String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
        byte[] block = block(name, 0644);
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

    private static String record(String key, long value) {
        String rest = " " + key + "=" + value + "\n";
        int length = rest.length() + 1;
        while (rest.length() + Integer.toString(length).length() != length) {
            length++;
        }
        return length + rest;
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

    private static int putRegions(byte[] block, int at, int most, SparseMap regions, int first) {
        int next = first;
        for (int i = 0; i < most && next < regions.count(); i++, next++) {
            int field = at + i * 2 * TarHeader.NUMBER_SIZE;
            TarHeader.putNumber(block, field, TarHeader.NUMBER_SIZE, regions.offset(next));
            TarHeader.putNumber(block, field + TarHeader.NUMBER_SIZE, TarHeader.NUMBER_SIZE, regions.length(next));
        }
        return next;
    }

    /** The content of one file in the archive that is made. */
    private sealed interface Content {
        /** Reads some of it; returns 0 or -1 behind the last byte. */
        int read(byte[] buffer, int offset, int length) throws IOException;

        long total();
    }

    private static final class Plain implements Content {
        private final TarFeed feed;
        private final long total;
        private long left;

        Plain(TarFeed feed, long total) {
            this.feed = feed;
            this.total = total;
            this.left = total;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = feed.read(buffer, offset, (int) Math.min(length, left));
            if (count <= 0) {
                throw new EOFException();
            }
            left -= count;
            return count;
        }

        @Override
        public long total() {
            return total;
        }
    }

    /** Content with zeros where its holes are. */
    private static final class Filled implements Content {
        private final TarFeed feed;
        private final SparseMap regions;
        private final long total;
        private int region;
        private long position;

        Filled(TarFeed feed, SparseMap map, long total) {
            this.feed = feed;
            this.regions = map;
            this.total = total;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            while (region < regions.count() && position == regions.end(region)) {
                region++;
            }
            long next = region < regions.count() ? regions.offset(region) : total;
            if (position < next) {
                int zeros = (int) Math.min(length, next - position);
                java.util.Arrays.fill(buffer, offset, offset + zeros, (byte) 0);
                position += zeros;
                return zeros;
            }
            if (position == total) {
                return -1;
            }
            int count = feed.read(buffer, offset, (int) Math.min(length, regions.end(region) - position));
            if (count <= 0) {
                throw new EOFException();
            }
            position += count;
            return count;
        }

        @Override
        public long total() {
            return total;
        }
    }
}
