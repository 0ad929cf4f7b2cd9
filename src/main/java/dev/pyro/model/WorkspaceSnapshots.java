package dev.pyro.model;

import java.util.List;

/**
 * The snapshots of a workspace.
 *
 * @param workspaceId the workspace
 * @param snapshots the baseline first, then by age
 */
public record WorkspaceSnapshots(WorkspaceId workspaceId, List<Snapshot> snapshots) {
    public WorkspaceSnapshots {
        snapshots = List.copyOf(snapshots);
    }
}
