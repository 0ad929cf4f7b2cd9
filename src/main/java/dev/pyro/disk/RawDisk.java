package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file that holds the disk's bytes as they are. */
final class RawDisk implements BlockSource {
    private final FileChannel channel;
    private final long size;

    RawDisk(FileChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        readFully(channel, position, target);
    }

    /** Fills a buffer from a file; what lies beyond its end is zeros, as for QEMU. */
    static void readFully(FileChannel channel, long position, ByteBuffer target) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int count = channel.read(target, at);
            if (count < 0) {
                BlockSource.zeros(target, target.remaining());
                return;
            }
            at += count;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
