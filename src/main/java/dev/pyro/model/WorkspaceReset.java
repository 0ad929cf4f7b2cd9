package dev.pyro.model;

/**
 * A workspace that was reset.
 *
 * @param workspace what it is now
 * @param snapshot the state that it was reset to
 */
public record WorkspaceReset(Workspace workspace, Snapshot snapshot) {}
