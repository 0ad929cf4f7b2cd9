package dev.pyro.model;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of a shell, unique within its workspace.
 *
 * @param value {@code sh-} and 12 lower-case hex digits
 */
public record ShellId(String value) {
    /** The length of the random part in bytes. */
    public static final int RANDOM_BYTES = 6;

    private static final Pattern FORM = Pattern.compile("sh-[0-9a-f]{12}");

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when the value has another form. */
    public ShellId {
        if (!FORM.matcher(value).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "shell_id must be \"sh-\" and 12 lower-case hex digits, not \"" + Arguments.printable(value)
                            + "\"");
        }
    }

    /** Returns the id that a text is, or empty when it is none. */
    public static Optional<ShellId> find(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new ShellId(text)) : Optional.empty();
    }

    /** Returns the id of these random bytes. */
    public static ShellId of(byte[] random) {
        return new ShellId("sh-" + HexFormat.of().formatHex(random));
    }

    @Override
    public String toString() {
        return value;
    }
}
