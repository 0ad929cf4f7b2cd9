package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a file's blocks are on the disk. Stateless but for the cache under it. */
final class Ext4BlockMap {
    private static final int EXTENT_MAGIC = 0xf30a;
    private static final int MAX_DEPTH = 5;
    private static final int ENTRY_BYTES = 12;
    /** A longer extent is one of which nothing is written yet. */
    private static final int MAX_WRITTEN = 32768;

    private static final int DIRECT_BLOCKS = 12;

    private final Ext4Superblock superblock;
    private final CachedBlocks disk;

    Ext4BlockMap(Ext4Superblock superblock, CachedBlocks disk) {
        this.superblock = superblock;
        this.disk = disk;
    }

    /**
     * Some of a file's blocks that lie side by side.
     *
     * @param physical the first one's number on the disk, or 0 for a hole
     * @param count how many there are, at least 1
     */
    record Run(long physical, long count) {}

    /** Returns where a file's block, and those that follow, are. */
    Run find(Ext4Inode inode, long logical) throws IOException {
        Run run = inode.hasExtents() ? byExtents(inode.map(), logical) : byNumbers(inode.map(), logical);
        if (run.physical() != 0 && (run.physical() < 0 || run.physical() + run.count() > superblock.blocks())) {
            throw new DamagedDiskException("inode " + inode.number() + " has blocks outside of the disk");
        }
        return run;
    }

    private Run byExtents(ByteBuffer root, long logical) throws IOException {
        ByteBuffer node = root;
        int depth = Short.toUnsignedInt(node.getShort(6));
        if (depth > MAX_DEPTH) {
            throw new DamagedDiskException("a file's extents are too deep");
        }
        long end = Long.MAX_VALUE;
        while (true) {
            int entries = Short.toUnsignedInt(node.getShort(2));
            if (Short.toUnsignedInt(node.getShort(0)) != EXTENT_MAGIC
                    || Short.toUnsignedInt(node.getShort(6)) != depth
                    || (entries + 1) * ENTRY_BYTES > node.capacity()) {
                throw new DamagedDiskException("a file's extents make no sense");
            }
            int at = lastNotAfter(node, entries, logical);
            if (at < entries) {
                end = Math.min(end, first(node, at + 1));
            }
            if (depth == 0) {
                return at == 0 ? new Run(0, hole(logical, end)) : extent(node, at * ENTRY_BYTES, logical, end);
            }
            if (at == 0) {
                return new Run(0, hole(logical, end));
            }
            long block = Integer.toUnsignedLong(node.getInt(at * ENTRY_BYTES + 4))
                    | (long) Short.toUnsignedInt(node.getShort(at * ENTRY_BYTES + 8)) << 32;
            node = block(block);
            depth--;
        }
    }

    private static long hole(long logical, long end) {
        return Math.max(1, end - logical);
    }

    private static Run extent(ByteBuffer leaf, int offset, long logical, long end) {
        long start = Integer.toUnsignedLong(leaf.getInt(offset));
        int length = Short.toUnsignedInt(leaf.getShort(offset + 4));
        boolean written = length <= MAX_WRITTEN;
        long covered = start + (written ? length : length - MAX_WRITTEN);
        if (logical >= covered) {
            return new Run(0, hole(logical, end));
        }
        long physical = Integer.toUnsignedLong(leaf.getInt(offset + 8))
                | (long) Short.toUnsignedInt(leaf.getShort(offset + 6)) << 32;
        return new Run(written ? physical + (logical - start) : 0, covered - logical);
    }

    private static long first(ByteBuffer node, int entry) {
        return Integer.toUnsignedLong(node.getInt(entry * ENTRY_BYTES));
    }

    /** Returns the last entry, counted from 1, that begins at or before a block; 0 when there is none. */
    private static int lastNotAfter(ByteBuffer node, int entries, long logical) {
        int low = 0;
        int high = entries;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (first(node, middle) <= logical) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The old form: twelve numbers of blocks, then blocks of numbers in one, two and three steps. */
    private Run byNumbers(ByteBuffer root, long logical) throws IOException {
        if (logical < DIRECT_BLOCKS) {
            return new Run(Integer.toUnsignedLong(root.getInt((int) logical * 4)), 1);
        }
        long perBlock = superblock.blockBytes() / 4;
        long rest = logical - DIRECT_BLOCKS;
        long span = 1;
        for (int steps = 1; steps <= 3; steps++) {
            span *= perBlock;
            if (rest < span) {
                return down(Integer.toUnsignedLong(root.getInt((DIRECT_BLOCKS + steps - 1) * 4)), rest, span);
            }
            rest -= span;
        }
        throw new DamagedDiskException("a file is longer than its blocks can be");
    }

    private Run down(long top, long index, long topSpan) throws IOException {
        long perBlock = superblock.blockBytes() / 4;
        long number = top;
        long rest = index;
        long span = topSpan;
        while (span > 1) {
            if (number == 0) {
                return new Run(0, span - rest);
            }
            span /= perBlock;
            number = Integer.toUnsignedLong(block(number).getInt((int) (rest / span) * 4));
            rest %= span;
        }
        return new Run(number, 1);
    }

    private ByteBuffer block(long number) throws IOException {
        if (number <= 0 || number >= superblock.blocks()) {
            throw new DamagedDiskException("a file's blocks lie outside of the disk");
        }
        return disk.read(number * superblock.blockBytes(), superblock.blockBytes());
    }
}
