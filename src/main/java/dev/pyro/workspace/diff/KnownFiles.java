package dev.pyro.workspace.diff;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers what stands at each path, and asks for nothing that is not in a directory. */
final class KnownFiles {
    private final CurrentFiles files;
    private final Map<String, Optional<TreeEntry>> known = new HashMap<>();

    KnownFiles(CurrentFiles files) {
        this.files = files;
    }

    @Nullable
    TreeEntry entry(String path) {
        Optional<TreeEntry> entry = known.get(path);
        if (entry == null) {
            String parent = PathNames.parent(path);
            boolean reachable = parent.isEmpty() || isDirectory(parent);
            entry = reachable ? Optional.ofNullable(files.entry(path)) : Optional.empty();
            known.put(path, entry);
        }
        return entry.orElse(null);
    }

    boolean isDirectory(String path) {
        TreeEntry entry = entry(path);
        return entry != null && entry.isDirectory();
    }

    /** Returns the outermost part of the path above its last one that is there and no directory, null when there is none. */
    @Nullable
    TreeEntry obstacle(String path) {
        for (String ancestor : PathNames.ancestors(path).reversed()) {
            TreeEntry entry = entry(ancestor);
            if (entry == null) {
                return null;
            }
            if (!entry.isDirectory()) {
                return entry;
            }
        }
        return null;
    }

    List<String> children(String directory) {
        return files.children(directory);
    }

    byte[] content(String path, int limit) {
        return files.content(path, limit);
    }
}
