package dev.pyro.model;

/**
 * A text file that was written.
 *
 * @param workspaceId the workspace
 * @param path its absolute path in the guest
 * @param bytesWritten its size now
 * @param executionMode how it was done
 */
public record WorkspaceFileWrite(
        WorkspaceId workspaceId, String path, long bytesWritten, ExecutionMode executionMode) {}
