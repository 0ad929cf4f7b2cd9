package dev.pyro.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks a gzip stream of a stranger. {@link GZIPInputStream} calls itself for each part that holds nothing, and would end the thread's stack after some
 * thousands of them. Not safe for use by several threads.
 */
public final class GzipMembers extends GZIPInputStream {
    /** How many empty parts may follow each other. */
    static final int MAX_EMPTY = 500;

    private int depth;

    /**
     * Opens a stream.
     *
     * @param size the size of the buffer in bytes
     * @throws IOException when it does not begin as gzip does
     */
    public GzipMembers(InputStream in, int size) throws IOException {
        super(in, size);
    }

    /** Reads on, as the superclass does, which comes here again for each further part. */
    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (depth > MAX_EMPTY) {
            throw new BadArchiveException("its gzip data have too many empty parts");
        }
        depth++;
        try {
            return super.read(buffer, offset, length);
        } finally {
            depth--;
        }
    }
}
