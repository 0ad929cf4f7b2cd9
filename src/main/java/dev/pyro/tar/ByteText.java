package dev.pyro.tar;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Names in any bytes, as text: each byte that is not part of a UTF-8 character becomes the lone surrogate U+DC00 plus the byte. It is the form
 * that guest paths have everywhere outside of this package. Stateless.
 */
public final class ByteText {
    private static final char ESCAPE = '\uDC00';
    private static final char FIRST_ESCAPE = '\uDC80';
    private static final char LAST_ESCAPE = '\uDCFF';
    private static final int MAX_PRINTED_CHARS = 200;

    private ByteText() {}

    /** Turns a raw name, one character a byte, into text. */
    public static String ofRaw(String raw) {
        if (isAscii(raw)) {
            return raw;
        }
        ByteBuffer in = ByteBuffer.wrap(raw.getBytes(StandardCharsets.ISO_8859_1));
        CharBuffer out = CharBuffer.allocate(in.remaining());
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        for (CoderResult result = decoder.decode(in, out, true);
                result.isError();
                result = decoder.decode(in, out, true)) {
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
        }
        return out.flip().toString();
    }

    /** Turns text back into a raw name. */
    public static String toRaw(String text) {
        if (isAscii(text)) {
            return text;
        }
        StringBuilder raw = new StringBuilder(text.length() * 2);
        int index = 0;
        while (index < text.length()) {
            int codePoint = text.codePointAt(index);
            if (codePoint >= FIRST_ESCAPE && codePoint <= LAST_ESCAPE) {
                raw.append((char) (codePoint - ESCAPE));
            } else {
                raw.append(new String(
                        Character.toString(codePoint).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
            }
            index += Character.charCount(codePoint);
        }
        return raw.toString();
    }

    /** Makes a raw name fit for a message: without anything that could fool a terminal, and short. */
    public static String printable(String raw) {
        StringBuilder text = new StringBuilder();
        String decoded = ofRaw(raw);
        for (int i = 0; i < decoded.length() && text.length() < MAX_PRINTED_CHARS; ) {
            int c = decoded.codePointAt(i);
            int type = Character.getType(c);
            boolean hidden = Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            text.appendCodePoint(hidden ? '?' : c);
            i += Character.charCount(c);
        }
        return text.toString();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
