package dev.pyro.workspace;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What a terminal was sent before, made fit to be sent to another one: without what asks the terminal for an answer, which would be typed
 * into the shell now. Stateless.
 */
final class TerminalReplay {
    /** ENQ; and of ESC [, ESC ] and ESC P those that are questions: attributes, status, modes, sizes, colours, capabilities. */
    private static final Pattern QUESTIONS = Pattern.compile("\\x05"
            + "|\\x1b\\[[?>=!0-9;]*(?:[cnx]|\\$p|q)"
            + "|\\x1b\\[(?:1[13-9]|2[01])(?:;[0-9]+)*t"
            + "|\\x1b\\[\\?[0-9;]*u"
            + "|\\x1b\\][0-9;]*;?[^\\x07\\x1b]*\\?(?:\\x07|\\x1b\\\\)"
            + "|\\x1bP[+$]q[^\\x1b]*\\x1b\\\\"
            + "|\\x1bZ");

    private TerminalReplay() {}

    /**
     * Returns what can be sent again.
     *
     * @param cut whether it may begin in the middle of a line, of which the rest is left out
     */
    static byte[] of(byte[] output, boolean cut) {
        String text = new String(output, StandardCharsets.ISO_8859_1);
        int newline = cut ? text.indexOf('\n') : -1;
        return QUESTIONS.matcher(text.substring(newline + 1)).replaceAll("").getBytes(StandardCharsets.ISO_8859_1);
    }
}
