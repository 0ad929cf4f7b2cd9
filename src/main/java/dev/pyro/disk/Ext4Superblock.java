package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the superblock of an ext4 file system says, checked against the disk that it lies on.
 *
 * @param blockBytes the size of a block
 * @param blocks how many blocks there are
 * @param freeBlocks how many of them are free, as of the last unmount
 * @param inodes how many inodes there are
 * @param freeInodes how many of them are free, as of the last unmount
 * @param inodesPerGroup how many of them a group has
 * @param inodeBytes the size of an inode
 * @param descriptorBytes the size of a group's descriptor
 * @param descriptors where the descriptors begin, in bytes
 * @param journalInode the inode of the journal, or 0
 * @param needsRecovery whether the journal holds what is not in its place yet
 */
record Ext4Superblock(
        int blockBytes,
        long blocks,
        long freeBlocks,
        long inodes,
        long freeInodes,
        int inodesPerGroup,
        int inodeBytes,
        int descriptorBytes,
        long descriptors,
        long journalInode,
        boolean needsRecovery) {
    private static final int OFFSET = 1024;
    private static final int BYTES = 1024;
    private static final int MAGIC = 0xef53;
    /** A kernel with pages of 4 KiB mounts no larger ones. */
    private static final int MAX_LOG_BLOCK_SIZE = 2;

    private static final int HAS_JOURNAL = 0x4;
    private static final int NEEDS_RECOVERY = 0x4;
    private static final int HAS_64_BIT = 0x80;

    /** File types, recovery, extents, 64 bits, multiple mount protection, flexible groups, large attributes, checksum seed, large directories. */
    private static final int KNOWN_FEATURES =
            0x2 | NEEDS_RECOVERY | 0x40 | HAS_64_BIT | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000;

    static Ext4Superblock read(BlockSource disk) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        disk.read(OFFSET, bytes);
        if (Short.toUnsignedInt(bytes.getShort(0x38)) != MAGIC) {
            throw new DamagedDiskException("it holds no ext4 file system");
        }
        int features = bytes.getInt(0x60);
        if ((features & ~KNOWN_FEATURES) != 0) {
            throw new DamagedDiskException("its file system uses features that Pyro's do not have ("
                    + Integer.toHexString(features & ~KNOWN_FEATURES) + ")");
        }
        int logBlockSize = bytes.getInt(0x18);
        if (logBlockSize < 0 || logBlockSize > MAX_LOG_BLOCK_SIZE) {
            throw new DamagedDiskException("its blocks have an impossible size");
        }
        boolean wide = (features & HAS_64_BIT) != 0;
        int blockBytes = 1024 << logBlockSize;
        long firstBlock = Integer.toUnsignedLong(bytes.getInt(0x14));
        return new Ext4Superblock(
                        blockBytes,
                        Integer.toUnsignedLong(bytes.getInt(0x4)) | (wide ? (long) bytes.getInt(0x150) << 32 : 0),
                        Integer.toUnsignedLong(bytes.getInt(0xc)) | (wide ? (long) bytes.getInt(0x158) << 32 : 0),
                        Integer.toUnsignedLong(bytes.getInt(0x0)),
                        Integer.toUnsignedLong(bytes.getInt(0x10)),
                        bytes.getInt(0x28),
                        bytes.getInt(0x4c) == 0 ? 128 : Short.toUnsignedInt(bytes.getShort(0x58)),
                        wide ? Short.toUnsignedInt(bytes.getShort(0xfe)) : 32,
                        (firstBlock + 1) * blockBytes,
                        (bytes.getInt(0x5c) & HAS_JOURNAL) != 0 ? Integer.toUnsignedLong(bytes.getInt(0xe0)) : 0,
                        (features & NEEDS_RECOVERY) != 0)
                .checked(disk.size());
    }

    private Ext4Superblock checked(long diskBytes) throws DamagedDiskException {
        boolean sound = blocks > 0
                && blocks <= diskBytes / blockBytes
                && inodesPerGroup > 0
                && inodesPerGroup <= 8 * blockBytes
                && inodes > 0
                && inodeBytes >= 128
                && inodeBytes <= blockBytes
                && Integer.bitCount(inodeBytes) == 1
                && descriptorBytes >= 32
                && descriptorBytes <= 1024
                && Integer.bitCount(descriptorBytes) == 1;
        if (!sound) {
            throw new DamagedDiskException("its superblock has impossible sizes");
        }
        return this;
    }

    /** Returns where a group's descriptor is. */
    long descriptor(long group) {
        return descriptors + group * descriptorBytes;
    }
}
