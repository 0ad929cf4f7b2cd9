package dev.pyro.model;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of a workspace.
 *
 * @param value {@code ws-} and 12 lower-case hex digits
 */
public record WorkspaceId(String value) {
    /** The length of the random part in bytes. */
    public static final int RANDOM_BYTES = 6;

    private static final Pattern FORM = Pattern.compile("ws-[0-9a-f]{12}");

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when the value has another form. */
    public WorkspaceId {
        if (!FORM.matcher(value).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "workspace_id must be \"ws-\" and 12 lower-case hex digits, not \"" + Arguments.printable(value)
                            + "\"");
        }
    }

    /** Returns the id that a text is, or empty when it is none. */
    public static Optional<WorkspaceId> find(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new WorkspaceId(text)) : Optional.empty();
    }

    /** Returns the id of these random bytes. */
    public static WorkspaceId of(byte[] random) {
        return new WorkspaceId("ws-" + HexFormat.of().formatHex(random));
    }

    @Override
    public String toString() {
        return value;
    }
}
