package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The journal of a file system whose machine ended at once: finds which of its blocks stand in the place of which of the disk's.
 * Nothing is written.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/journal.html">the format</a>
 */
final class Ext4Journal {
    private static final int MAGIC = 0xc03b3998;
    private static final int DESCRIPTOR = 1;
    private static final int COMMIT = 2;
    private static final int SUPERBLOCK_V2 = 4;
    private static final int REVOKE = 5;

    private static final int WIDE = 0x2;
    private static final int CHECKSUM_V2 = 0x8;
    private static final int CHECKSUM_V3 = 0x10;
    /** Revocations, 64 bits, and the checksums. */
    private static final int KNOWN_FEATURES = 0x1 | WIDE | CHECKSUM_V2 | CHECKSUM_V3;

    private static final int ESCAPED = 1;
    private static final int SAME_UUID = 2;
    private static final int LAST = 8;
    private static final int UUID_BYTES = 16;
    private static final int HEADER_BYTES = 12;
    private static final int REVOKE_HEADER_BYTES = 16;
    /** Far more than mke2fs gives to a disk of any size. */
    private static final int MAX_BLOCKS = 1 << 20;

    private final Blocks blocks;
    private final int blockBytes;
    private final Map<Long, Copy> copies = new HashMap<>();
    private final Map<Long, Integer> revoked = new HashMap<>();
    private int features;

    private Ext4Journal(Blocks blocks, int blockBytes) {
        this.blocks = blocks;
        this.blockBytes = blockBytes;
    }

    /** Reads a block of the journal's file. */
    @FunctionalInterface
    interface Blocks {
        ByteBuffer read(long index) throws IOException;
    }

    /**
     * A block that waits in the journal.
     *
     * @param index where, in the journal's file
     * @param escaped whether its first four bytes were replaced, because they looked like the journal's own
     */
    record Copy(long index, boolean escaped) {
        /** Gives a block back its first bytes. */
        void restore(ByteBuffer block) {
            if (escaped) {
                block.order(ByteOrder.BIG_ENDIAN).putInt(0, MAGIC);
            }
        }
    }

    private record Waiting(long block, Copy copy) {}

    /** Returns the blocks of the disk that the journal holds newer copies of. */
    static Map<Long, Copy> replay(Blocks blocks, long size, int blockBytes) throws IOException {
        Ext4Journal journal = new Ext4Journal(blocks, blockBytes);
        journal.scan(size / blockBytes);
        return journal.copies;
    }

    private ByteBuffer block(long index) throws IOException {
        return blocks.read(index).order(ByteOrder.BIG_ENDIAN);
    }

    private void scan(long fileBlocks) throws IOException {
        ByteBuffer superblock = block(0);
        long last = Integer.toUnsignedLong(superblock.getInt(0x10));
        long first = Integer.toUnsignedLong(superblock.getInt(0x14));
        long next = Integer.toUnsignedLong(superblock.getInt(0x1c));
        boolean second = superblock.getInt(4) == SUPERBLOCK_V2;
        features = second ? superblock.getInt(0x28) : 0;
        if (superblock.getInt(0) != MAGIC || superblock.getInt(0xc) != blockBytes) {
            throw new DamagedDiskException("its journal has no beginning");
        }
        if ((features & ~KNOWN_FEATURES) != 0) {
            throw new DamagedDiskException(
                    "its journal uses features that Pyro's do not have (" + Integer.toHexString(features) + ")");
        }
        if (last > fileBlocks || last > MAX_BLOCKS || first == 0 || first >= last || next >= last) {
            throw new DamagedDiskException("its journal has an impossible size");
        }
        if (next != 0) {
            walk(new Ring(first, last, next), superblock.getInt(0x18));
        }
    }

    /** The journal's blocks in their order, each at most once. */
    private static final class Ring {
        private final long first;
        private final long last;
        private long next;
        private long left;

        Ring(long first, long last, long next) {
            this.first = first;
            this.last = last;
            this.next = next;
            this.left = last - first;
        }

        boolean hasNext() {
            return left > 0;
        }

        long take() {
            long taken = next;
            next = next + 1 == last ? first : next + 1;
            left--;
            return taken;
        }
    }

    /** A transaction counts when its last block, the commit, is there. */
    private void walk(Ring ring, int firstSequence) throws IOException {
        int sequence = firstSequence;
        List<Waiting> waiting = new ArrayList<>();
        List<Long> revocations = new ArrayList<>();
        while (ring.hasNext()) {
            ByteBuffer block = block(ring.take());
            if (block.getInt(0) != MAGIC || block.getInt(8) != sequence) {
                return;
            }
            switch (block.getInt(4)) {
                case DESCRIPTOR -> describe(block, ring, waiting);
                case REVOKE -> revoke(block, revocations);
                case COMMIT -> {
                    commit(sequence, waiting, revocations);
                    waiting.clear();
                    revocations.clear();
                    sequence++;
                }
                default -> {
                    return;
                }
            }
        }
    }

    /** Revocations of a transaction are for what came before it and for its own blocks; later writes count again. */
    private void commit(int sequence, List<Waiting> waiting, List<Long> revocations) {
        for (Long block : revocations) {
            revoked.put(block, sequence);
            copies.remove(block);
        }
        for (Waiting one : waiting) {
            Integer since = revoked.get(one.block());
            if (since == null || sequence - since > 0) {
                copies.put(one.block(), one.copy());
            }
        }
    }

    private int tagBytes() {
        if ((features & CHECKSUM_V3) != 0) {
            return 16;
        }
        return 8 + ((features & CHECKSUM_V2) != 0 ? 2 : 0) + ((features & WIDE) != 0 ? 4 : 0);
    }

    private void describe(ByteBuffer block, Ring ring, List<Waiting> waiting) {
        int end = blockBytes - ((features & (CHECKSUM_V2 | CHECKSUM_V3)) != 0 ? 4 : 0);
        int at = HEADER_BYTES;
        while (at + tagBytes() <= end && ring.hasNext()) {
            boolean third = (features & CHECKSUM_V3) != 0;
            int flags = third ? block.getInt(at + 4) : Short.toUnsignedInt(block.getShort(at + 6));
            long number = Integer.toUnsignedLong(block.getInt(at))
                    | ((features & WIDE) != 0 ? (long) block.getInt(at + 8) << 32 : 0);
            waiting.add(new Waiting(number, new Copy(ring.take(), (flags & ESCAPED) != 0)));
            at += tagBytes() + ((flags & SAME_UUID) != 0 ? 0 : UUID_BYTES);
            if ((flags & LAST) != 0) {
                return;
            }
        }
    }

    private void revoke(ByteBuffer block, List<Long> revocations) {
        int bytes = (features & WIDE) != 0 ? 8 : 4;
        int end = Math.min(block.getInt(HEADER_BYTES), blockBytes);
        for (int at = REVOKE_HEADER_BYTES; at + bytes <= end; at += bytes) {
            revocations.add(bytes == 8 ? block.getLong(at) : Integer.toUnsignedLong(block.getInt(at)));
        }
    }
}
