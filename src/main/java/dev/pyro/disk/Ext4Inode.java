package dev.pyro.disk;

import dev.pyro.model.ArtifactType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One inode of an ext4 file system.
 *
 * @param number its number
 * @param bytes its first 128 bytes
 */
public record Ext4Inode(long number, ByteBuffer bytes) {
    static final int BYTES = 128;
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
        return mode() != 0 && bytes.getShort(0x1a) != 0;
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
