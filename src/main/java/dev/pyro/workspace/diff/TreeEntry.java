package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import java.util.Objects;

/**
 * What a tree has at one path.
 *
 * @param path relative to the tree, empty for the tree itself
 * @param kind what stands there
 * @param mode its permission bits
 * @param sizeBytes its size; it counts for files alone
 * @param modifiedSeconds when its content was changed last, in whole seconds since 1970, rounded down
 * @param changedNanos when its inode was changed last, in nanoseconds since 1970; 0 in a baseline, which has no use for it
 * @param linkTarget where a symbolic link leads, empty for everything else
 */
public record TreeEntry(
        String path,
        GuestFileKind kind,
        int mode,
        long sizeBytes,
        long modifiedSeconds,
        long changedNanos,
        String linkTarget) {
    public TreeEntry {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(linkTarget, "linkTarget");
    }

    boolean isFile() {
        return kind == GuestFileKind.FILE;
    }

    boolean isDirectory() {
        return kind == GuestFileKind.DIRECTORY;
    }
}
