package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The extended attributes in an inode, and in the block that an inode may have for more of them. Stateless. */
final class Ext4Attributes {
    private static final int MAGIC = 0xea020000;
    private static final int INODE_HEADER_BYTES = 4;
    private static final int BLOCK_HEADER_BYTES = 32;
    private static final int ENTRY_BYTES = 16;
    private static final int ALIGNMENT = 4;

    private Ext4Attributes() {}

    /**
     * Adds those that stand in an inode.
     *
     * @param inode all of its bytes
     * @param at where its fields end
     */
    static void ofInode(ByteBuffer inode, int at, Map<String, byte[]> found) throws IOException {
        int first = at + INODE_HEADER_BYTES;
        if (first + ENTRY_BYTES > inode.limit() || at % ALIGNMENT != 0 || inode.getInt(at) != MAGIC) {
            // No room for any, or none was ever written there.
            return;
        }
        parse(inode.slice(first, inode.limit() - first).order(ByteOrder.LITTLE_ENDIAN), 0, found);
    }

    /** Adds those that stand in a block. */
    static void ofBlock(ByteBuffer block, Map<String, byte[]> found) throws IOException {
        if (block.getInt(0) != MAGIC || block.getInt(8) != 1) {
            throw new DamagedDiskException("a block of attributes holds none");
        }
        parse(block, BLOCK_HEADER_BYTES, found);
    }

    /** Reads entries up to four zeros; the places of values count from the beginning of the area. */
    private static void parse(ByteBuffer area, int first, Map<String, byte[]> found) throws IOException {
        int at = first;
        while (at + ALIGNMENT <= area.limit() && area.getInt(at) != 0) {
            if (at + ENTRY_BYTES > area.limit()) {
                throw new DamagedDiskException("an attribute is cut off");
            }
            int nameLength = Byte.toUnsignedInt(area.get(at));
            int valueAt = Short.toUnsignedInt(area.getShort(at + 2));
            long valueLength = Integer.toUnsignedLong(area.getInt(at + 8));
            if (area.getInt(at + 4) != 0) {
                throw new DamagedDiskException("an attribute is stored in a way that Pyro's are not");
            }
            if (at + ENTRY_BYTES + nameLength > area.limit() || valueAt + valueLength > area.limit()) {
                throw new DamagedDiskException("an attribute has an impossible length");
            }
            String prefix = prefix(Byte.toUnsignedInt(area.get(at + 1)));
            if (!prefix.isEmpty()) {
                byte[] name = new byte[nameLength];
                area.get(at + ENTRY_BYTES, name);
                byte[] value = new byte[(int) valueLength];
                area.get(valueAt, value);
                found.put(prefix + checked(new String(name, StandardCharsets.ISO_8859_1)), value);
            }
            at += ENTRY_BYTES + (nameLength + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
    }

    private static String prefix(int index) {
        return switch (index) {
            case 1 -> "user.";
            case 4 -> "trusted.";
            case 6 -> "security.";
            default -> "";
        };
    }

    private static String checked(String name) throws IOException {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new DamagedDiskException("an attribute has an impossible name");
        }
        return name;
    }
}
