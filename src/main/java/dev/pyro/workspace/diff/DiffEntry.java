package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import dev.pyro.model.ChangeStatus;
import java.util.Objects;

/**
 * One path that changed.
 *
 * @param path the path
 * @param status what happened
 * @param kind what stands there now, or stood there when it is deleted
 * @param textPatch whether the patch holds the change
 */
public record DiffEntry(String path, ChangeStatus status, GuestFileKind kind, boolean textPatch) {
    public DiffEntry {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(kind, "kind");
    }
}
