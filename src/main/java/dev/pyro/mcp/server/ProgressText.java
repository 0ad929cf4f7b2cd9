package dev.pyro.mcp.server;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The end of what a command has written since it was asked last, fit to be shown: whole characters, no control characters, bounded. For
 * one thread at a time.
 */
final class ProgressText {
    /** How much of it is shown. */
    static final int MAX_CHARS = 2000;

    /** More than this of one piece cannot be shown, and is not looked at. */
    private static final int MAX_BYTES = 4 * MAX_CHARS;

    private static final String CUT = "…";

    /** What a terminal would obey: sequences that begin with ESC, and single control characters. */
    private static final Pattern CONTROL = Pattern.compile(
            "\u001b(?:\\[[0-?]*[ -/]*[@-~]?|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|[ -/]*[0-~]?)|[\\p{Cc}\\p{Cf}&&[^\n\t]]");

    private static final Pattern LINE_END = Pattern.compile("\r\n?");

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    private final ByteBuffer undecoded = ByteBuffer.allocate(MAX_BYTES + 8);
    private final CharBuffer decoded = CharBuffer.allocate(MAX_BYTES + 16);
    private final StringBuilder pending = new StringBuilder();
    private boolean cut;

    /** Adds the next bytes of a stream; the buffer is left as it is. */
    void add(ByteBuffer bytes) {
        ByteBuffer rest = bytes.slice();
        if (rest.remaining() > MAX_BYTES) {
            rest.position(rest.remaining() - MAX_BYTES);
            // What is left of a character whose beginning is not shown.
            while ((rest.get(rest.position()) & 0xC0) == 0x80 && rest.remaining() > 1) {
                rest.get();
            }
            undecoded.clear();
            decoder.reset();
            pending.setLength(0);
            cut = true;
        }
        undecoded.put(rest).flip();
        decoder.decode(undecoded, decoded, false);
        undecoded.compact();
        take();
    }

    /** Ends the stream: what is left of a character that never became whole is shown as such. */
    void finish() {
        undecoded.flip();
        decoder.decode(undecoded, decoded, true);
        decoder.flush(decoded);
        undecoded.clear();
        decoder.reset();
        take();
    }

    /** Returns what was added since the last time, or an empty text. */
    String take(boolean everything) {
        if (everything) {
            finish();
        }
        String text =
                CONTROL.matcher(LINE_END.matcher(pending).replaceAll("\n")).replaceAll("");
        text = cut && !text.isEmpty() ? CUT + text : text;
        pending.setLength(0);
        cut = false;
        return text;
    }

    private void take() {
        pending.append(decoded.flip());
        decoded.clear();
        int over = pending.length() - MAX_CHARS;
        if (over > 0) {
            pending.delete(0, Character.isLowSurrogate(pending.charAt(over)) ? over + 1 : over);
            cut = true;
        }
    }
}
