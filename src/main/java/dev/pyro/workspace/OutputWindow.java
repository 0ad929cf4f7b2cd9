package dev.pyro.workspace;

import java.util.BitSet;

/** A piece of a shell's output, and which of its bytes may be shown. Pure: it knows of no shell and waits for nothing. For one thread at a time. */
final class OutputWindow {
    private static final int MAX_CONTINUATIONS = 3;

    private final long start;
    private final byte[] bytes;
    private final int from;
    private final int to;
    private final SecretMask.Cover cover;
    private final boolean last;
    private final boolean dropped;

    private OutputWindow(
            long start, byte[] bytes, int from, int to, SecretMask.Cover cover, boolean last, boolean dropped) {
        this.start = start;
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.cover = cover;
        this.last = last;
        this.dropped = dropped;
    }

    /**
     * Looks at a piece.
     *
     * @param start the cursor of its first byte
     * @param severed whether what came before the piece is not known, so that it may begin within a secret
     * @param cursor where what is asked for begins
     * @param last whether nothing will follow the piece
     */
    static OutputWindow of(SecretMask mask, long start, byte[] bytes, boolean severed, long cursor, boolean last) {
        SecretMask.Cover cover = mask.cover(bytes, severed);
        BitSet hidden = cover.hidden();
        boolean dropped = start > cursor;
        int from = dropped ? restOfCharacter(bytes) : (int) Math.min(cursor - start, bytes.length);
        int to = last ? bytes.length : bytes.length - cover.open();
        if (to < bytes.length && to > 0 && hidden.get(to - 1)) {
            // The rest of a secret can go: what follows it knows of it by what stands before.
            to = Math.min(hidden.nextClearBit(to), bytes.length);
        }
        return new OutputWindow(start, bytes, from, Math.max(from, to), cover, last, dropped);
    }

    /** How much must be read before a cursor so that a secret that goes across it is seen. */
    static long context(SecretMask mask, long cursor) {
        return Math.min(cursor, mask.context());
    }

    /** Returns the cursor of the piece's first byte. */
    long start() {
        return start;
    }

    /** Returns the piece, not a copy. */
    byte[] bytes() {
        return bytes;
    }

    /** Returns the index at which what is asked for begins; what stands before only tells where a secret began. */
    int from() {
        return from;
    }

    /** Returns the index at which what can be shown now ends: behind it a secret may begin. */
    int to() {
        return to;
    }

    /** Returns the bytes that belong to secrets. */
    BitSet hidden() {
        return cover.hidden();
    }

    /** Returns what can be shown now as bytes, without secrets. */
    byte[] shown() {
        return cover.shown(bytes, from, to);
    }

    /** Tells whether nothing will follow the piece. */
    boolean isLast() {
        return last;
    }

    /** Tells whether output between the cursor that was asked for and {@link #cursor} is lost. */
    boolean isDropped() {
        return dropped;
    }

    /** Returns the cursor of what is asked for, or of the first that is left of it. */
    long cursor() {
        return start + from;
    }

    /** The beginning of the character is lost with what was dropped. */
    private static int restOfCharacter(byte[] bytes) {
        int count = 0;
        while (count < Math.min(bytes.length, MAX_CONTINUATIONS) && (bytes[count] & 0xC0) == 0x80) {
            count++;
        }
        return count;
    }
}
