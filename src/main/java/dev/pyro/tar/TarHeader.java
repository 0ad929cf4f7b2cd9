package dev.pyro.tar;

import java.nio.charset.StandardCharsets;

/** The 512 bytes before each entry: where its fields stand, and how they are read and written. Stateless. */
final class TarHeader {
    static final int BLOCK = 512;
    static final int NAME_SIZE = 100;
    static final int MODE_AT = 100;
    static final int MODE_SIZE = 8;
    static final int UID_AT = 108;
    static final int GID_AT = 116;
    static final int SIZE_AT = 124;
    static final int NUMBER_SIZE = 12;
    static final int MTIME_AT = 136;
    static final int CHECKSUM_AT = 148;
    static final int TYPE_AT = 156;
    static final int TARGET_AT = 157;
    static final int MAGIC_AT = 257;
    static final int DEVICE_MAJOR_AT = 329;
    static final int DEVICE_MINOR_AT = 337;
    static final int PREFIX_AT = 345;
    static final int PREFIX_SIZE = 155;

    /** The older GNU form of files with holes: four regions in the header, 21 in each block after it. */
    static final int GNU_SPARSE_AT = 386;

    static final int GNU_SPARSE_REGIONS = 4;
    static final int GNU_EXTENDED_AT = 482;
    static final int GNU_REAL_SIZE_AT = 483;
    static final int GNU_MORE_REGIONS = 21;
    static final int GNU_MORE_EXTENDED_AT = 504;

    private TarHeader() {}

    /** Reads a number: octal digits among spaces and NULs, or with the first bit set a big-endian one. */
    static long number(byte[] block, int at, int size) throws BadArchiveException {
        int first = block[at] & 0xff;
        if ((first & 0x80) != 0) {
            return binary(block, at, size, first);
        }
        int index = at;
        int end = at + size;
        while (index < end && block[index] == ' ') {
            index++;
        }
        long value = 0;
        while (index < end && block[index] >= '0' && block[index] <= '7') {
            value = value * 8 + (block[index] - '0');
            index++;
        }
        for (; index < end; index++) {
            if (block[index] != ' ' && block[index] != 0) {
                throw new BadArchiveException("a header has a malformed number");
            }
        }
        return value;
    }

    private static long binary(byte[] block, int at, int size, int first) throws BadArchiveException {
        if (first != 0x80 && first != 0xff) {
            throw new BadArchiveException("a header has a number that is out of range");
        }
        long value = first == 0xff ? -1 : 0;
        for (int i = at + 1; i < at + size; i++) {
            if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
                throw new BadArchiveException("a header has a number that is out of range");
            }
            value = value << 8 | (block[i] & 0xff);
        }
        return value;
    }

    /** Reads text up to its first NUL, raw. */
    static String text(byte[] block, int at, int size) {
        int length = 0;
        while (length < size && block[at + length] != 0) {
            length++;
        }
        return new String(block, at, length, StandardCharsets.ISO_8859_1);
    }

    static boolean isZero(byte[] block) {
        for (byte one : block) {
            if (one != 0) {
                return false;
            }
        }
        return true;
    }

    static boolean hasGoodChecksum(byte[] block) {
        try {
            return number(block, CHECKSUM_AT, 8) == checksum(block);
        } catch (BadArchiveException e) {
            return false;
        }
    }

    static long checksum(byte[] block) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    /** Returns how many bytes fill up the last block of something. */
    static int padding(long size) {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    /** Writes octal digits with leading zeros and a NUL behind, or the big-endian form where they do not fit. */
    static void putNumber(byte[] block, int at, int size, long value) {
        if (value < 0 || value >= 1L << (3 * (size - 1))) {
            long rest = value;
            for (int i = at + size - 1; i > at; i--) {
                block[i] = (byte) rest;
                rest >>= 8;
            }
            block[at] = (byte) (value < 0 ? 0xff : 0x80);
            return;
        }
        long rest = value;
        block[at + size - 1] = 0;
        for (int i = at + size - 2; i >= at; i--) {
            block[i] = (byte) ('0' + (rest & 7));
            rest >>= 3;
        }
    }

    static void putText(byte[] block, int at, int size, String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, size));
    }

    /** Writes the checksum of everything else. */
    static void seal(byte[] block) {
        putNumber(block, CHECKSUM_AT, 7, checksum(block));
        block[CHECKSUM_AT + 7] = ' ';
    }
}
