package dev.pyro.disk;

import dev.pyro.model.ArtifactType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One inode of an ext4 file system.
 *
 * @param number its number
 * @param bytes its first 128 bytes, and where its file system's inodes are larger, the fields of known meaning behind them
 */
public record Ext4Inode(long number, ByteBuffer bytes) {
    /** What every inode has. */
    static final int BYTES = 128;

    /** What a larger one has in front of its extended attributes, all fields that are defined so far. */
    static final int LARGE_BYTES = 160;

    private static final int EXTRA_SIZE_AT = 0x80;
    private static final int MTIME_EXTRA_AT = 0x88;
    private static final int EPOCH_MASK = 3;
    private static final int TYPE_MASK = 0170000;
    private static final int EXTENTS = 0x80000;
    private static final int MAP_OFFSET = 0x28;
    private static final int MAP_BYTES = 60;

    public Ext4Inode {
        bytes = bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns what it is. */
    public ArtifactType type() {
        return switch (mode() & TYPE_MASK) {
            case 0040000 -> ArtifactType.DIRECTORY;
            case 0100000 -> ArtifactType.FILE;
            case 0120000 -> ArtifactType.SYMLINK;
            default -> ArtifactType.OTHER;
        };
    }

    /** Returns its permission bits. */
    public int permissions() {
        return mode() & 07777;
    }

    /** Returns what it is more exactly, in the form of {@code st_mode}'s upper bits: {@code 0010000} for a FIFO, and so on. */
    public int typeBits() {
        return mode() & TYPE_MASK;
    }

    /** Returns its owner, 0 to 2³² − 1. */
    public long uid() {
        return Short.toUnsignedLong(bytes.getShort(0x2)) | Short.toUnsignedLong(bytes.getShort(0x78)) << 16;
    }

    /** Returns its group, 0 to 2³² − 1. */
    public long gid() {
        return Short.toUnsignedLong(bytes.getShort(0x18)) | Short.toUnsignedLong(bytes.getShort(0x7a)) << 16;
    }

    /** Returns when its content was changed last, in whole seconds since the epoch. */
    public long mtimeSeconds() {
        boolean extra = extraBytes() >= MTIME_EXTRA_AT + Integer.BYTES - BYTES;
        return bytes.getInt(0x10) + (extra ? (long) (bytes.getInt(MTIME_EXTRA_AT) & EPOCH_MASK) << 32 : 0);
    }

    /** Returns how many names lead to it. */
    public int links() {
        return Short.toUnsignedInt(bytes.getShort(0x1a));
    }

    /**
     * The numbers of a device.
     *
     * @param major which driver
     * @param minor which one of its devices
     */
    public record Device(int major, int minor) {}

    /** Returns which device it is; of no meaning for what is none. */
    public Device device() {
        // The older form has eight bits each; it stays in use where they suffice.
        int old = bytes.getInt(MAP_OFFSET);
        if (old != 0) {
            return new Device((old >>> 8) & 0xff, old & 0xff);
        }
        int number = bytes.getInt(MAP_OFFSET + Integer.BYTES);
        return new Device((number >>> 8) & 0xfff, (number & 0xff) | ((number >>> 12) & 0xfff00));
    }

    /** Returns how many bytes behind the first 128 have a meaning, its extended attributes excluded; a hostile one may say any number. */
    int extraBytes() {
        return bytes.limit() < LARGE_BYTES ? 0 : Short.toUnsignedInt(bytes.getShort(EXTRA_SIZE_AT));
    }

    /** The block that holds extended attributes, or 0. */
    long attributeBlock() {
        return Integer.toUnsignedLong(bytes.getInt(0x68)) | Short.toUnsignedLong(bytes.getShort(0x76)) << 32;
    }

    /** Returns its size. A hostile one may be any number that is not negative. */
    public long size() {
        long size = Integer.toUnsignedLong(bytes.getInt(0x4)) | (long) bytes.getInt(0x6c) << 32;
        return type() == ArtifactType.OTHER ? 0 : Math.max(0, size);
    }

    private int mode() {
        return Short.toUnsignedInt(bytes.getShort(0));
    }

    /** Tells whether any name leads to it. */
    boolean inUse() {
        return mode() != 0 && links() != 0;
    }

    boolean hasExtents() {
        return (flags() & EXTENTS) != 0;
    }

    int flags() {
        return bytes.getInt(0x20);
    }

    /** The root of its extents, its block numbers, or a short link's target. */
    ByteBuffer map() {
        return bytes.slice(MAP_OFFSET, MAP_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
}
