package dev.pyro.payload;

/**
 * Texts that stand for any bytes. A path in a guest need not be UTF-8: Pyro holds each byte that belongs to no character as the
 * lone surrogate U+DC00 plus the byte, which no JSON document may hold.
 *
 * <p>Payloads and lines show such a byte as {@code \xHH}, with two lower-case hex digits: {@code caf\xe9} in a line, and {@code
 * "caf\\xe9"} in JSON, where the backslash itself is escaped. Names that differ so stay different, which they would not as U+FFFD.
 * A name that holds a backslash, an x and two digits looks the same; no other text is changed. Stateless.
 */
public final class ByteText {
    private static final char ESCAPE = '\uDC00';
    private static final char FIRST_BYTE = '\uDC80';
    private static final char LAST_BYTE = '\uDCFF';
    private static final String REPLACEMENT = "\uFFFD";

    private ByteText() {}

    /** Returns the text with each byte that is no text written as {@code \xHH}, fit for every encoding of Unicode. */
    public static String visible(String text) {
        int next = loneSurrogate(text, 0);
        if (next == text.length()) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 16);
        int done = 0;
        while (next < text.length()) {
            char c = text.charAt(next);
            visible.append(text, done, next)
                    .append(c >= FIRST_BYTE && c <= LAST_BYTE ? String.format("\\x%02x", c - ESCAPE) : REPLACEMENT);
            done = next + 1;
            next = loneSurrogate(text, done);
        }
        return visible.append(text, done, text.length()).toString();
    }

    /** Returns the index of the next surrogate that is half of no character, or the text's length. */
    private static int loneSurrogate(String text, int start) {
        int index = start;
        while (index < text.length()) {
            char c = text.charAt(index);
            if (!Character.isSurrogate(c)) {
                index++;
            } else if (Character.isSurrogatePair(c, index + 1 < text.length() ? text.charAt(index + 1) : 0)) {
                index += 2;
            } else {
                return index;
            }
        }
        return index;
    }
}
