package dev.pyro.workspace;

/** Single characters of UTF-8 in bytes that may be anything. Stateless. */
final class Utf8Sequence {
    /** So far it is the beginning of a character, and the bytes end. */
    static final int INCOMPLETE = 0;

    private static final int ASCII = 0x80;
    private static final int CONTINUATION_BITS = 6;
    private static final int CONTINUATION_MASK = 0x3F;

    private Utf8Sequence() {}

    /**
     * Returns how many bytes the character at a position has; {@link #INCOMPLETE}; or, negative, how many bytes are no character and become one
     * U+FFFD: those up to the first that cannot go on, as Unicode recommends.
     *
     * @param end where the bytes end, beyond the position
     */
    static int length(byte[] bytes, int position, int end) {
        int lead = bytes[position] & 0xFF;
        if (lead < ASCII) {
            return 1;
        }
        int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        for (int i = 1; i < length; i++) {
            if (position + i == end) {
                return INCOMPLETE;
            }
            int next = bytes[position + i] & 0xFF;
            int lowest = i > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int highest = i > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            if (next < lowest || next > highest) {
                return -i;
            }
        }
        return length;
    }

    /** Returns the character of so many bytes at a position. */
    static int codePoint(byte[] bytes, int position, int length) {
        int lead = bytes[position] & 0xFF;
        if (length == 1) {
            return lead;
        }
        int point = lead & (0xFF >> (length + 1));
        for (int i = 1; i < length; i++) {
            point = (point << CONTINUATION_BITS) | (bytes[position + i] & CONTINUATION_MASK);
        }
        return point;
    }
}
