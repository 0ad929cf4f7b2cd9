package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;

/**
 * Changes to files, all or nothing.
 *
 * @param location an existing directory, which the paths of the changes begin at
 * @param changes at most 100,000, in this order: what makes room before what takes it
 * @param maxBytes the most bytes of content that the agent takes; contents and link targets count
 */
public record ChangeRequest(GuestLocation location, List<FileChange> changes, long maxBytes) {
    public ChangeRequest {
        changes = List.copyOf(changes);
        if (changes.size() > Wire.MAX_CHANGES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    changes.size() + " changes in one batch, more than " + Wire.MAX_CHANGES + ": make several of them");
        }
        if (maxBytes < 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the bound of a change is negative");
        }
    }
}
