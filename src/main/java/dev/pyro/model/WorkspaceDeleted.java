package dev.pyro.model;

/**
 * A workspace that is no more.
 *
 * @param workspaceId its id
 * @param deleted always true
 */
public record WorkspaceDeleted(WorkspaceId workspaceId, boolean deleted) {}
