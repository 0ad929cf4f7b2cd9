package dev.pyro.model;

import java.nio.file.Path;

/**
 * A stopped workspace's disk that was copied to the host: the root file system with {@code /workspace} in it.
 *
 * @param workspaceId the workspace
 * @param outputPath the image
 * @param bytesWritten how much of the disk it takes; it is sparse
 */
public record WorkspaceDiskExport(WorkspaceId workspaceId, Path outputPath, long bytesWritten) {
    /** What the image holds. */
    public static final String FORMAT = "ext4";
}
