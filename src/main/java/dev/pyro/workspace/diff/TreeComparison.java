package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what may have changed between a baseline and a tree, without a look into any file. */
public final class TreeComparison {
    private TreeComparison() {}

    /**
     * Returns the paths whose content has to be looked at, in the order of their bytes.
     *
     * <p>A file is taken for unchanged when its kind, mode, size and time of modification are the baseline's, and its inode was not
     * changed after the baseline was finished: a program can set back every time but that one. Of a directory only the mode counts,
     * of a symbolic link only the target.
     *
     * @param baseline what the tree had; the root itself (an empty path) is left out of the comparison
     * @param current what the tree has
     * @param baselineFinishedNanos when the baseline was complete, in nanoseconds since 1970
     */
    public static List<Suspect> suspects(
            Collection<TreeEntry> baseline, Collection<TreeEntry> current, long baselineFinishedNanos) {
        Map<String, TreeEntry> before = new HashMap<>(baseline.size() * 2);
        for (TreeEntry entry : baseline) {
            before.put(entry.path(), entry);
        }
        List<Suspect> suspects = new ArrayList<>();
        Set<String> added = new HashSet<>();
        for (TreeEntry entry : current) {
            TreeEntry old = before.remove(entry.path());
            if (entry.path().isEmpty()) {
                continue;
            }
            if (old == null) {
                // A guest that names a path twice gets one entry for it.
                if (added.add(entry.path())) {
                    suspects.add(new Suspect(entry.path(), null, entry));
                }
            } else if (!isUnchanged(old, entry, baselineFinishedNanos)) {
                suspects.add(new Suspect(entry.path(), old, entry));
            }
        }
        before.remove("");
        before.values().forEach(old -> suspects.add(new Suspect(old.path(), old, null)));
        suspects.sort(Comparator.comparing(Suspect::path, PathNames.BYTE_ORDER));
        return List.copyOf(suspects);
    }

    private static boolean isUnchanged(TreeEntry before, @Nullable TreeEntry after, long finished) {
        if (after == null || before.kind() != after.kind()) {
            return false;
        }
        return switch (before.kind()) {
            case DIRECTORY, OTHER -> before.mode() == after.mode();
            case SYMLINK -> before.linkTarget().equals(after.linkTarget());
            case FILE ->
                before.mode() == after.mode()
                        && before.sizeBytes() == after.sizeBytes()
                        && before.modifiedSeconds() == after.modifiedSeconds()
                        && after.changedNanos() <= finished;
        };
    }

    static boolean isLeafOfGit(GuestFileKind kind) {
        return kind == GuestFileKind.FILE || kind == GuestFileKind.SYMLINK;
    }
}
