package dev.pyro.image;

/**
 * The files whose content is in the layers, in the order in which they stand there. A file is no name: it may have several, or none any more. Not safe
 * for use by several threads.
 */
final class FileTable {
    private static final int BLOCK = 4096;

    private int count;
    private byte[] layers = new byte[64];
    private int[] places = new int[64];
    private int[] blocks = new int[64];

    int add(int layer, int place, long size) {
        if (count == places.length) {
            int rows = Columns.grown(count);
            layers = Columns.grow(layers, rows);
            places = Columns.grow(places, rows);
            blocks = Columns.grow(blocks, rows);
        }
        layers[count] = (byte) layer;
        places[count] = place;
        blocks[count] = (int) Math.min(Integer.MAX_VALUE, (size + BLOCK - 1) / BLOCK);
        return count++;
    }

    int count() {
        return count;
    }

    int layer(int file) {
        return layers[file];
    }

    /** Returns the place of a file's entry in its layer. */
    int place(int file) {
        return places[file];
    }

    /** Returns what a file takes on a disk. */
    long diskBytes(int file) {
        return (long) blocks[file] * BLOCK;
    }
}
