package dev.pyro.model;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of a virtual machine.
 *
 * @param value {@code vm-} and 12 lower-case hex digits
 */
public record VmId(String value) {
    private static final Pattern FORM = Pattern.compile("vm-[0-9a-f]{12}");

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when the value has another form. */
    public VmId {
        if (!FORM.matcher(value).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "vm_id must be \"vm-\" and 12 lower-case hex digits, not \"" + Arguments.printable(value) + "\"");
        }
    }

    /** The length of the random part in bytes. */
    public static final int RANDOM_BYTES = 6;

    /** Returns the id that a text is, or empty when it is none. */
    public static Optional<VmId> find(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new VmId(text)) : Optional.empty();
    }

    /** Returns the id of these random bytes. */
    public static VmId of(byte[] random) {
        return new VmId("vm-" + HexFormat.of().formatHex(random));
    }

    @Override
    public String toString() {
        return value;
    }
}
