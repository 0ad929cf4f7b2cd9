package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Goes through the lines of a patch. */
final class PatchLines {
    /** As much of a line as is looked at as a header; names are shorter. */
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final byte[] text;
    private int number = 1;
    private int start;
    private int end;

    PatchLines(byte[] text) {
        this.text = text;
        this.end = endFrom(0);
    }

    /** Tells whether there is no further line. */
    boolean isDone() {
        return start >= text.length;
    }

    void next() {
        start = Math.min(end + 1, text.length);
        end = endFrom(start);
        number++;
    }

    /** Returns the line's number, from 1 on. */
    int number() {
        return number;
    }

    /** Returns where the line begins. */
    int start() {
        return start;
    }

    /** Returns the line's first character, or a newline when it is empty. */
    char sign() {
        return start < end ? (char) (text[start] & 0xff) : '\n';
    }

    boolean startsWith(String prefix) {
        return startsWith(start, prefix);
    }

    boolean followingStartsWith(String prefix) {
        return startsWith(Math.min(end + 1, text.length), prefix);
    }

    /** Tells whether the line is exactly this. */
    boolean is(String line) {
        return end - start == line.length() && startsWith(line);
    }

    /** Returns the line without its newline; of a very long one the beginning. */
    String text() {
        return GuestText.decode(Arrays.copyOfRange(text, start, Math.min(end, start + MAX_HEADER_BYTES)));
    }

    private boolean startsWith(int from, String prefix) {
        byte[] bytes = prefix.getBytes(StandardCharsets.US_ASCII);
        return from + bytes.length <= text.length
                && Arrays.equals(text, from, from + bytes.length, bytes, 0, bytes.length);
    }

    private int endFrom(int from) {
        int at = from;
        while (at < text.length && text[at] != '\n') {
            at++;
        }
        return at;
    }
}
