package dev.pyro.workspace.diff;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;

/** The directories that go with the last thing in them, or because a file takes their place. */
final class EmptiedDirectories {
    private final SequencedSet<String> paths = new LinkedHashSet<>();

    /**
     * Finds them.
     *
     * @param deleted the paths that a patch deletes
     * @param kept the paths that it writes
     */
    EmptiedDirectories(KnownFiles files, Set<String> deleted, Set<String> kept) {
        Set<String> inUse = new HashSet<>();
        kept.forEach(path -> inUse.addAll(PathNames.ancestors(path)));
        Set<String> candidates = new LinkedHashSet<>();
        deleted.forEach(path -> candidates.addAll(PathNames.ancestors(path)));
        candidates.addAll(kept);
        List<String> deepestFirst = candidates.stream()
                .filter(path -> !inUse.contains(path) && files.isDirectory(path))
                .sorted((left, right) -> Integer.compare(depth(right), depth(left)))
                .toList();
        for (String directory : deepestFirst) {
            boolean emptied = files.children(directory).stream()
                    .allMatch(child -> paths.contains(child) || (deleted.contains(child) && !kept.contains(child)));
            if (emptied) {
                paths.add(directory);
            }
        }
    }

    /** Returns their paths, the deepest first. */
    SequencedSet<String> paths() {
        return paths;
    }

    private static int depth(String path) {
        return (int) path.chars().filter(c -> c == '/').count();
    }
}
