package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The names in a block of a directory. Stateless. */
final class Ext4Directory {
    private static final int HEADER_BYTES = 8;

    private Ext4Directory() {}

    /**
     * Adds a block's entries. The inner blocks of an indexed directory look like blocks whose entries are all deleted, so that each
     * of them can be read like any other.
     */
    static void parse(ByteBuffer block, List<Ext4Reader.Name> names) throws IOException {
        int at = 0;
        while (at < block.limit()) {
            if (at + HEADER_BYTES > block.limit()) {
                throw new DamagedDiskException("a directory's entry is cut off");
            }
            long inode = Integer.toUnsignedLong(block.getInt(at));
            int length = Short.toUnsignedInt(block.getShort(at + 4));
            int nameLength = Byte.toUnsignedInt(block.get(at + 6));
            if (length < HEADER_BYTES + nameLength || length % 4 != 0 || at + length > block.limit()) {
                throw new DamagedDiskException("a directory's entry has an impossible length");
            }
            if (inode != 0) {
                byte[] name = new byte[nameLength];
                block.get(at + HEADER_BYTES, name);
                if (!isDots(name)) {
                    check(name);
                    names.add(new Ext4Reader.Name(new String(name, StandardCharsets.ISO_8859_1), inode));
                }
            }
            at += length;
        }
    }

    private static boolean isDots(byte[] name) {
        return name.length > 0 && name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }

    private static void check(byte[] name) throws IOException {
        boolean sound = name.length > 0;
        for (byte one : name) {
            sound &= one != 0 && one != '/';
        }
        if (!sound) {
            throw new DamagedDiskException("a directory holds an impossible name");
        }
    }
}
