package dev.pyro.image;

import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarEntry;

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

    int add(int layer, int place, TarEntry entry) {
        if (count == places.length) {
            int rows = Columns.grown(count);
            layers = Columns.grow(layers, rows);
            places = Columns.grow(places, rows);
            blocks = Columns.grow(blocks, rows);
        }
        layers[count] = (byte) layer;
        places[count] = place;
        blocks[count] = blocks(entry);
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

    /** Holes take no room, and each region may begin and end within a block. */
    private static int blocks(TarEntry entry) {
        SparseMap sparse = entry.sparse();
        long bytes = sparse == null
                ? entry.size()
                : Math.min(entry.size(), sparse.dataBytes() + 2L * sparse.count() * BLOCK);
        return (int) Math.min(Integer.MAX_VALUE, (bytes + BLOCK - 1) / BLOCK);
    }

    /** Tells whether an entry takes no more room than the file that it was taken for. */
    boolean isWithin(int file, TarEntry entry) {
        return blocks(entry) <= blocks[file];
    }

    /** Returns what a file takes on a disk. */
    long diskBytes(int file) {
        return (long) blocks[file] * BLOCK;
    }
}
