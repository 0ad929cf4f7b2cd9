package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Names as git writes them in a patch: in C's quotes where they hold a control character, a quote, a backslash or any byte above ASCII. */
final class GitQuoting {
    private static final String ESCAPED = "\u0007\b\t\n\u000b\f\r\"\\";
    private static final String LETTERS = "abtnvfr\"\\";
    private static final int MAX_OCTAL = 0377;

    private GitQuoting() {}

    /** Returns a name as it stands in a patch, after a prefix that is within its quotes. */
    static String quote(String prefix, String path) {
        byte[] bytes = GuestText.encode(path);
        StringBuilder quoted = new StringBuilder(bytes.length + prefix.length() + 2).append(prefix);
        boolean plain = true;
        for (byte b : bytes) {
            int value = b & 0xff;
            int letter = ESCAPED.indexOf(value);
            if (letter >= 0) {
                quoted.append('\\').append(LETTERS.charAt(letter));
                plain = false;
            } else if (value < ' ' || value >= 0x7f) {
                quoted.append('\\').append(octal(value));
                plain = false;
            } else {
                quoted.append((char) value);
            }
        }
        return plain ? quoted.toString() : quoted.insert(0, '"').append('"').toString();
    }

    private static String octal(int value) {
        return "" + (char) ('0' + (value >> 6)) + (char) ('0' + (value >> 3 & 7)) + (char) ('0' + (value & 7));
    }

    /** A quoted name and where the text goes on after it. */
    record Unquoted(String name, int end) {}

    /** Takes the quotes off the name that begins at a place of the text; null when it is malformed. */
    static @Nullable Unquoted unquote(String text, int start) {
        byte[] bytes = GuestText.encode(text.substring(start + 1));
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int i = 0; i < bytes.length; i++) {
            int value = bytes[i] & 0xff;
            if (value == '"') {
                String rest = GuestText.decode(Arrays.copyOfRange(bytes, i + 1, bytes.length));
                return new Unquoted(GuestText.decode(name.toByteArray()), text.length() - rest.length());
            }
            if (value != '\\') {
                name.write(value);
                continue;
            }
            int escape = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
            int letter = LETTERS.indexOf(escape);
            if (letter >= 0) {
                name.write(ESCAPED.charAt(letter));
                i++;
            } else {
                int octal = octal(bytes, i + 1);
                if (octal < 0) {
                    return null;
                }
                name.write(octal);
                i += 3;
            }
        }
        return null;
    }

    private static int octal(byte[] bytes, int at) {
        if (at + 3 > bytes.length) {
            return -1;
        }
        String digits = new String(bytes, at, 3, StandardCharsets.ISO_8859_1);
        if (!digits.chars().allMatch(c -> c >= '0' && c <= '7')) {
            return -1;
        }
        int value = Integer.parseInt(digits, 8);
        return value <= MAX_OCTAL ? value : -1;
    }
}
