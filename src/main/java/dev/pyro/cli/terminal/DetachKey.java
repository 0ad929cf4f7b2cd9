package dev.pyro.cli.terminal;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key that takes a terminal off its shell.
 *
 * @param code the byte that it sends, or {@link #NO_KEY}
 * @param name how people call it
 */
public record DetachKey(int code, String name) {
    /** The key that nothing but telnet uses. */
    public static final String DEFAULT = "ctrl-]";

    /** The name for no key at all. */
    public static final String NONE = "none";

    private static final int NO_KEY = -1;
    private static final int CONTROL_MASK = 0x1F;
    private static final Pattern FORM = Pattern.compile("(?:\\^|ctrl-)([@a-z\\[\\\\\\]^_])");

    /**
     * Returns the key of a name: {@code ctrl-} or {@code ^} and a letter or one of {@code @[\]^_}, or {@link #NONE}.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when it is another
     */
    public static DetachKey of(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals(NONE)) {
            return new DetachKey(NO_KEY, NONE);
        }
        Matcher matcher = FORM.matcher(lower);
        if (!matcher.matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the detach key must be ctrl- and a letter or one of @[\\]^_, or none, not \""
                            + Arguments.printable(name) + "\"");
        }
        char key = matcher.group(1).charAt(0);
        return new DetachKey(Character.toUpperCase(key) & CONTROL_MASK, "Ctrl-" + Character.toUpperCase(key));
    }

    /** Tells where in a piece of input the key is, or -1. */
    int indexIn(byte[] input, int length) {
        for (int i = 0; i < length; i++) {
            if (input[i] == code && code != NO_KEY) {
                return i;
            }
        }
        return -1;
    }

    /** Returns what a person is told about it. */
    public String hint() {
        return code == NO_KEY ? "no key detaches" : name + " detaches";
    }
}
