package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Names and targets of links in few large arrays: an object for each would take more room than the name. Not safe for use by several threads. */
final class NameStore {
    private static final int CHUNK_BITS = 18;
    private static final int CHUNK = 1 << CHUNK_BITS;

    private final long maxBytes;
    private final List<byte[]> chunks = new ArrayList<>();
    private int used = CHUNK;
    private long bytes;

    NameStore(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Keeps some bytes, shorter than a chunk, and returns where. */
    int put(byte[] name) throws BadArchiveException {
        count(name.length);
        if (used + name.length > CHUNK) {
            chunks.add(new byte[CHUNK]);
            used = 0;
        }
        System.arraycopy(name, 0, chunks.getLast(), used, name.length);
        int at = (chunks.size() - 1) << CHUNK_BITS | used;
        used += name.length;
        return at;
    }

    /** Keeps a text with its length. */
    int putText(byte[] text) throws BadArchiveException {
        byte[] all = new byte[text.length + Short.BYTES];
        all[0] = (byte) (text.length >> 8);
        all[1] = (byte) text.length;
        System.arraycopy(text, 0, all, Short.BYTES, text.length);
        return put(all);
    }

    byte[] text(int at) {
        byte[] length = get(at, Short.BYTES);
        return get(at + Short.BYTES, (length[0] & 0xff) << 8 | (length[1] & 0xff));
    }

    byte[] get(int at, int length) {
        int offset = at & (CHUNK - 1);
        return Arrays.copyOfRange(chunks.get(at >> CHUNK_BITS), offset, offset + length);
    }

    boolean equals(int at, byte[] name) {
        int offset = at & (CHUNK - 1);
        return Arrays.equals(chunks.get(at >> CHUNK_BITS), offset, offset + name.length, name, 0, name.length);
    }

    /** Counts what is kept elsewhere but belongs to the same bound. */
    void count(long more) throws BadArchiveException {
        bytes += more;
        if (bytes > maxBytes) {
            throw new BadArchiveException("the names of the image's files take more than " + (maxBytes >> 20)
                    + " MiB; give Java a larger heap (PYRO_JAVA_OPTS=-Xmx1g) when the image is to be trusted");
        }
    }
}
