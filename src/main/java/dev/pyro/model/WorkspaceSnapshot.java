package dev.pyro.model;

/**
 * A snapshot that was taken.
 *
 * @param workspaceId the workspace
 * @param snapshot the snapshot
 */
public record WorkspaceSnapshot(WorkspaceId workspaceId, Snapshot snapshot) {}
