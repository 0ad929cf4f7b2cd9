package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * A tar archive to be unpacked in the guest.
 *
 * @param location a directory
 * @param maxEntries the most entries that the agent unpacks
 * @param maxBytes the most bytes of content that it unpacks
 * @param staged whether it is all or nothing: otherwise a failure leaves the entries before
 * @param createDirectory whether the directory, and those above it, are made when they are missing
 */
public record ImportRequest(
        GuestLocation location, long maxEntries, long maxBytes, boolean staged, boolean createDirectory) {
    public ImportRequest {
        if (maxEntries < 0 || maxBytes < 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the bounds of an import are negative");
        }
    }

    /** An archive that goes into an existing directory entry by entry. */
    public static ImportRequest direct(GuestLocation location, long maxEntries, long maxBytes) {
        return new ImportRequest(location, maxEntries, maxBytes, false, false);
    }

    /** An archive that goes all or nothing into a directory, which is made when it is missing. */
    public static ImportRequest staged(GuestLocation location, long maxEntries, long maxBytes) {
        return new ImportRequest(location, maxEntries, maxBytes, true, true);
    }
}
