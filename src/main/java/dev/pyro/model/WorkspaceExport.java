package dev.pyro.model;

import java.nio.file.Path;

/**
 * Something of a workspace that was copied to the host.
 *
 * @param workspaceId the workspace
 * @param workspacePath its absolute path in the guest
 * @param outputPath where it is now
 * @param artifactType what it is
 * @param entryCount files, directories and links
 * @param bytesWritten bytes of content
 * @param executionMode how it was done
 */
public record WorkspaceExport(
        WorkspaceId workspaceId,
        String workspacePath,
        Path outputPath,
        ArtifactType artifactType,
        long entryCount,
        long bytesWritten,
        ExecutionMode executionMode) {}
