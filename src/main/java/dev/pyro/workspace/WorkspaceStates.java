package dev.pyro.workspace;

import dev.pyro.model.Progress;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.model.WorkspaceSnapshots;

/** Snapshots and resets. Safe for use by several threads and processes. */
@SuppressWarnings("DoNotCallSuggester")
public final class WorkspaceStates {
    public WorkspaceStates(WorkspaceContext context) {
        java.util.Objects.requireNonNull(context);
    }

    /** Takes a snapshot. */
    public WorkspaceSnapshot snapshot(WorkspaceId id, String name) {
        throw new UnsupportedOperationException();
    }

    /** Lists the snapshots. */
    public WorkspaceSnapshots snapshots(WorkspaceId id) {
        throw new UnsupportedOperationException();
    }

    /** Deletes a snapshot. */
    public WorkspaceSnapshotDeleted deleteSnapshot(WorkspaceId id, String name) {
        throw new UnsupportedOperationException();
    }

    /** Resets to a snapshot. */
    public WorkspaceReset reset(WorkspaceId id, String snapshot, Progress.Listener listener) {
        throw new UnsupportedOperationException();
    }
}
