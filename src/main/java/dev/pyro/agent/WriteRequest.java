package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * A file to be written whole; whoever reads it meanwhile sees the old content or the new.
 *
 * @param location the file; a link at its end is followed while it stays in the base
 * @param mode the permission bits of a new file; an existing one keeps its own
 * @param createParents whether missing directories above are made
 */
public record WriteRequest(GuestLocation location, int mode, boolean createParents) {
    /** The permission bits of a new file when nobody says otherwise: 0644. */
    public static final int STANDARD_MODE = 0b110_100_100;

    private static final int MAX_MODE = 0b111_111_111_111;

    public WriteRequest {
        if (mode < 0 || mode > MAX_MODE) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "the mode " + Integer.toOctalString(mode) + " is out of range");
        }
    }
}
