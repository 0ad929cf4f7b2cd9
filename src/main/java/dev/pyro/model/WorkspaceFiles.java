package dev.pyro.model;

import java.util.List;

/**
 * A list of files, of a running machine or of a stopped one's disk.
 *
 * @param workspaceId the workspace
 * @param path the absolute directory or file in the guest
 * @param recursive whether everything below is listed
 * @param entries sorted by path
 */
public record WorkspaceFiles(WorkspaceId workspaceId, String path, boolean recursive, List<Entry> entries) {
    public WorkspaceFiles {
        entries = List.copyOf(entries);
    }

    /**
     * One entry.
     *
     * @param path its absolute path
     * @param artifactType what it is
     * @param sizeBytes its size
     * @param linkTarget where a symbolic link leads, or null
     */
    public record Entry(
            String path,
            ArtifactType artifactType,
            long sizeBytes,
            @org.jspecify.annotations.Nullable String linkTarget) {}
}
