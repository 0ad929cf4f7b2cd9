package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * A list of a tree.
 *
 * @param location where it begins
 * @param depth 0 for the place itself, 1 for its children too, {@link #EVERYTHING} for all below
 * @param digests whether regular files come with their SHA-256
 * @param maxEntries after which the list is cut, 1 to 1,000,000
 */
public record WalkRequest(GuestLocation location, long depth, boolean digests, int maxEntries) {
    /** The depth of a walk over everything below. */
    public static final long EVERYTHING = 0xffff_ffffL;

    public WalkRequest {
        if (depth < 0 || depth > EVERYTHING) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the depth " + depth + " of a walk");
        }
        if (maxEntries < 1 || maxEntries > Wire.MAX_WALK_ENTRIES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a walk has from 1 to " + Wire.MAX_WALK_ENTRIES + " entries, not " + maxEntries);
        }
    }
}
