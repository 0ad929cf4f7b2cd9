package dev.pyro.workspace;

import java.util.Collection;

/**
 * Finds many patterns in one pass over bytes (Aho and Corasick, "Efficient String Matching", 1975): each state is a prefix of a pattern, the
 * longest that the bytes read so far end with. Immutable; takes 21 bytes of memory for each byte of the patterns, and at most 257 KiB more.
 */
final class PatternAutomaton {
    /** The state before the first byte, and whenever nothing that was read can be a part of a pattern. */
    static final int START = 0;

    private static final int BYTES = 256;

    /** Not a state that anything leads to, so it can stand for none. */
    private static final int NONE = START;

    /**
     * The states after {@link #START} and after the states of one byte, which come right behind it, for each byte: text that has nothing to do
     * with the patterns hardly leaves these, and many patterns may begin with the same byte.
     */
    private final int[] near;

    /** The last of these states. */
    private final int lastNear;

    private final byte[] label;
    private final int[] firstChild;
    private final int[] nextSibling;
    private final int[] fallback;
    private final int[] match;
    private final int[] open;
    private int states = 1;

    /** @param patterns none of them empty */
    PatternAutomaton(Collection<byte[]> patterns) {
        int most = 1 + patterns.stream().mapToInt(pattern -> pattern.length).sum();
        label = new byte[most];
        firstChild = new int[most];
        nextSibling = new int[most];
        fallback = new int[most];
        match = new int[most];
        open = new int[most];
        patterns.forEach(pattern -> add(pattern, 1));
        lastNear = states - 1;
        patterns.forEach(pattern -> match[add(pattern, pattern.length)] = pattern.length);
        near = new int[row(lastNear + 1)];
        for (int state = START; state <= lastNear; state++) {
            for (int read = 0; read < BYTES; read++) {
                int child = child(state, (byte) read);
                near[row(state) + read] = child == NONE && state != START ? near[read] : child;
            }
        }
        link();
    }

    private static int row(int state) {
        return state * BYTES;
    }

    /** Makes the states of a pattern's beginning and returns the last one. */
    private int add(byte[] pattern, int length) {
        int state = START;
        for (int i = 0; i < length; i++) {
            int child = child(state, pattern[i]);
            if (child == NONE) {
                child = states++;
                label[child] = pattern[i];
                nextSibling[child] = firstChild[state];
                firstChild[state] = child;
                open[child] = i + 1;
            }
            state = child;
        }
        return state;
    }

    /** Goes through the states from short to long ones: what falls back does so to a shorter one, which is done. */
    private void link() {
        int[] queue = new int[states];
        int end = 1;
        for (int next = 0; next < end; next++) {
            int state = queue[next];
            for (int child = firstChild[state]; child != NONE; child = nextSibling[child]) {
                fallback[child] = state == START ? START : next(fallback[state], label[child]);
                if (match[child] == 0) {
                    match[child] = match[fallback[child]];
                }
                if (firstChild[child] == NONE) {
                    open[child] = open[fallback[child]];
                }
                queue[end++] = child;
            }
        }
    }

    /** Returns the state after one more byte. */
    int next(int state, byte read) {
        int longest = state;
        while (longest > lastNear) {
            int child = child(longest, read);
            if (child != NONE) {
                return child;
            }
            longest = fallback[longest];
        }
        return near[row(longest) + (read & 0xff)];
    }

    /** Returns the place of the first byte, from one on, that leads away from {@link #START}, or the end. */
    int skip(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && near[bytes[at] & 0xff] == START) {
            at++;
        }
        return at;
    }

    /** Returns how long the longest pattern is that ends with the byte that led here, or 0 when none does. */
    int match(int state) {
        return match[state];
    }

    /** Returns how many of the bytes that led here may be the beginning of a pattern that is not complete yet. */
    int open(int state) {
        return open[state];
    }

    private int child(int state, byte read) {
        int child = firstChild[state];
        while (child != NONE && label[child] != read) {
            child = nextSibling[child];
        }
        return child;
    }
}
