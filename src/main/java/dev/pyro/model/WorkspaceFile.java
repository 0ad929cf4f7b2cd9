package dev.pyro.model;

/**
 * A text file, of a running machine or of a stopped one's disk.
 *
 * @param workspaceId the workspace
 * @param path its absolute path in the guest
 * @param sizeBytes its whole size
 * @param maxBytes the most bytes that were wanted
 * @param content its beginning
 * @param truncated whether there is more
 */
public record WorkspaceFile(
        WorkspaceId workspaceId, String path, long sizeBytes, int maxBytes, String content, boolean truncated) {
    public static final int DEFAULT_MAX_BYTES = 65_536;
    public static final int LARGEST_MAX_BYTES = 1 << 20;
}
