package dev.pyro.workspace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The parts of some bytes that must not be shown, in order, none of them touching another. For one thread at a time.
 */
final class HiddenRuns {
    private static final byte[] SHOWN = SecretMask.SHOWN.getBytes(StandardCharsets.US_ASCII);
    private static final int FEW = 8;

    private int[] starts = new int[FEW];
    private int[] ends = new int[FEW];
    private int count;

    /** Adds a part, which ends no earlier than any that was added before. */
    void add(int start, int end) {
        int from = start;
        while (count > 0 && ends[count - 1] >= from) {
            count--;
            from = Math.min(from, starts[count]);
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        starts[count] = from;
        ends[count] = end;
        count++;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * Writes the first bytes, with one mark in place of each part that is hidden.
     *
     * @param after whether what was written before ended with a mark, which goes on when a part begins the bytes
     * @return whether what is written now ends with a mark
     */
    boolean write(byte[] bytes, int end, boolean after, ByteArrayOutputStream out) {
        int written = 0;
        boolean marked = after;
        for (int i = 0; i < count && starts[i] < end; i++) {
            if (starts[i] > written || !marked) {
                out.write(bytes, written, starts[i] - written);
                out.writeBytes(SHOWN);
            }
            marked = true;
            written = Math.min(ends[i], end);
        }
        out.write(bytes, written, end - written);
        return marked && written == end;
    }

    /** Forgets the first bytes: the others are counted from 0 on. */
    void drop(int bytes) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (ends[i] > bytes) {
                starts[kept] = Math.max(0, starts[i] - bytes);
                ends[kept] = ends[i] - bytes;
                kept++;
            }
        }
        count = kept;
    }

    BitSet bits() {
        BitSet bits = new BitSet();
        for (int i = 0; i < count; i++) {
            bits.set(starts[i], ends[i]);
        }
        return bits;
    }
}
