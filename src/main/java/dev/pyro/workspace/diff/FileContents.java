package dev.pyro.workspace.diff;

import java.util.Optional;

/** Where the comparison gets the content of files from. It asks only for suspects, in their order. */
public interface FileContents {
    /**
     * Returns the whole content of a file of the baseline.
     *
     * @param limit the most bytes; nothing is returned for a file that is larger, or that is no regular file
     */
    Optional<byte[]> baseline(String path, int limit);

    /** Returns the whole content of a file as it is now, likewise. The file may have changed since the walk, or be gone. */
    Optional<byte[]> current(String path, int limit);

    /** Tells whether a large file, of the same size in the baseline and in the walk, has the same content: by digests of both. */
    boolean sameContent(String path);
}
