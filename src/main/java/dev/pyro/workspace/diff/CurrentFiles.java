package dev.pyro.workspace.diff;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that a patch is checked against. It is never asked for a path below something that is no directory. */
public interface CurrentFiles {
    /** Returns what stands at a path, without following a link there; null when nothing does. */
    @Nullable
    TreeEntry entry(String path);

    /** Returns the paths of everything that is directly in a directory. */
    List<String> children(String directory);

    /**
     * Returns the content of a regular file.
     *
     * @param limit the most bytes: when the file has grown beyond them since the walk, the implementation fails or returns more
     */
    byte[] content(String path, int limit);
}
