package dev.pyro.agent;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Strings that stand for any bytes. Guest paths need not be UTF-8: each byte that is not part of a character becomes the lone
 * surrogate U+DC00 plus the byte, which no valid text holds, and turns back into that byte.
 */
public final class GuestText {
    private static final char ESCAPE = '\uDC00';
    private static final char FIRST_ESCAPE = '\uDC80';
    private static final char LAST_ESCAPE = '\uDCFF';
    private static final int MAX_MESSAGE_CHARS = 500;

    private GuestText() {}

    /** Turns any bytes into a string. */
    public static String decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
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

    /** Turns a string that {@link #decode} made back into its bytes. */
    public static byte[] encode(String text) {
        boolean escaped = false;
        for (int i = 0; i < text.length() && !escaped; i++) {
            escaped = Character.isSurrogate(text.charAt(i));
        }
        if (!escaped) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() * 2);
        int index = 0;
        while (index < text.length()) {
            int codePoint = text.codePointAt(index);
            if (codePoint >= FIRST_ESCAPE && codePoint <= LAST_ESCAPE) {
                bytes.write(codePoint - ESCAPE);
            } else {
                bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
            }
            index += Character.charCount(codePoint);
        }
        return bytes.toByteArray();
    }

    /** Makes the guest's words fit for a message: without control characters, which could fool a terminal, and short. */
    static String printable(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        String decoded = new String(bytes, StandardCharsets.UTF_8);
        for (int i = 0; i < decoded.length() && text.length() < MAX_MESSAGE_CHARS; i++) {
            char c = decoded.charAt(i);
            int type = Character.getType(c);
            boolean hidden = Character.isISOControl(c) || type == Character.FORMAT || Character.isSurrogate(c);
            text.append(hidden ? '?' : c);
        }
        return text.toString();
    }
}
