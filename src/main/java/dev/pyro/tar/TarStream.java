package dev.pyro.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a feed as a tar archive of one simple form, whatever form it came in, as {@link TarHeaders} has it; all of it belongs to root. So nothing
 * that was not understood reaches whoever unpacks it. Not safe for use by several threads.
 */
public final class TarStream extends InputStream {
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
    public TarStream(TarFeed feed, boolean keepHoles) {
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
        return TarHeaders.of(entry.ofRoot(), keepHoles ? sparse : null);
    }

    @Override
    public void close() throws IOException {
        feed.close();
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
