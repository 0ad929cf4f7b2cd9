package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * A tree to be packed into a tar archive.
 *
 * @param location what is packed; a link at its end is not followed
 * @param maxBytes the most bytes of content
 */
public record ExportRequest(GuestLocation location, long maxBytes) {
    public ExportRequest {
        if (maxBytes < 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the bound of an export is negative");
        }
    }
}
