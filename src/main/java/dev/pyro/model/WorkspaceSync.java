package dev.pyro.model;

/**
 * Files that were put into a running workspace.
 *
 * @param workspaceId the workspace
 * @param executionMode how it was done
 * @param source what was put there
 * @param destination the absolute directory in the guest
 */
public record WorkspaceSync(
        WorkspaceId workspaceId, ExecutionMode executionMode, WorkspaceSeed source, String destination) {}
