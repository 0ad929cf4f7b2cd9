package dev.pyro.image;

import java.util.Arrays;

/** How arrays grow that stand for a table's columns. Stateless. */
final class Columns {
    private Columns() {}

    /** Returns how many rows there is to be room for when one more than these is wanted. */
    static int grown(int rows) {
        return rows + (rows >> 1) + 64;
    }

    static int[] grow(int[] column, int rows) {
        return Arrays.copyOf(column, rows);
    }

    static byte[] grow(byte[] column, int rows) {
        return Arrays.copyOf(column, rows);
    }

    static short[] grow(short[] column, int rows) {
        return Arrays.copyOf(column, rows);
    }
}
