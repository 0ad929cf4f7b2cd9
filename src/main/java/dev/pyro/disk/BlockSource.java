package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a disk, read-only. Not safe for use by several threads. */
interface BlockSource extends AutoCloseable {
    /** Returns the disk's virtual size. */
    long size();

    /**
     * Fills a buffer. What lies beyond the disk's end is zeros.
     *
     * @throws DamagedDiskException when the disk's own tables make no sense
     */
    void read(long position, ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;

    /** Fills what remains of a buffer with zeros. */
    static void zeros(ByteBuffer target, int count) {
        target.put(new byte[count]);
    }
}
