package dev.pyro.model;

/**
 * A snapshot that is no more.
 *
 * @param workspaceId the workspace
 * @param snapshotName its name
 * @param deleted always true
 */
public record WorkspaceSnapshotDeleted(WorkspaceId workspaceId, String snapshotName, boolean deleted) {}
