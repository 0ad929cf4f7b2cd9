package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * A tar archive to be unpacked in the guest.
 *
 * @param location an existing directory
 * @param maxEntries the most entries that the agent unpacks
 * @param maxBytes the most bytes of content that it unpacks
 */
public record ImportRequest(GuestLocation location, long maxEntries, long maxBytes) {
    public ImportRequest {
        if (maxEntries < 0 || maxBytes < 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the bounds of an import are negative");
        }
    }
}
