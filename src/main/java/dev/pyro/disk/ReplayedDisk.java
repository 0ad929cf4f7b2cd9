package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** A disk with the blocks of its journal in their places, of which nothing is written. */
final class ReplayedDisk implements BlockSource {
    private final BlockSource disk;
    private final Ext4Journal.Blocks journal;
    private final Map<Long, Ext4Journal.Copy> copies;
    private final int blockBytes;

    ReplayedDisk(BlockSource disk, Ext4Journal.Blocks journal, Map<Long, Ext4Journal.Copy> copies, int blockBytes) {
        this.disk = disk;
        this.journal = journal;
        this.copies = Map.copyOf(copies);
        this.blockBytes = blockBytes;
    }

    @Override
    public long size() {
        return disk.size();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        ByteBuffer whole = target.slice();
        disk.read(position, target);
        long last = (position + whole.capacity() - 1) / blockBytes;
        for (long block = position / blockBytes; block <= last; block++) {
            Ext4Journal.Copy copy = copies.get(block);
            if (copy != null) {
                ByteBuffer bytes = journal.read(copy.index());
                copy.restore(bytes);
                long from = Math.max(position, block * blockBytes);
                long to = Math.min(position + whole.capacity(), (block + 1) * blockBytes);
                whole.put((int) (from - position), bytes, (int) (from - block * blockBytes), (int) (to - from));
            }
        }
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
