package dev.pyro.workspace.diff;

import dev.pyro.model.ChangeStatus;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;
import java.util.Objects;

/**
 * What applying a patch to the files that are there means, checked as a whole.
 *
 * <p>As with {@code git apply}, a hunk's lines must be there exactly but may have moved, and a directory goes with its last file.
 *
 * @param changes the changes in the order in which they can be made: first what goes, the deepest directories first, then what comes
 * @param entries the patch's paths in the order of their bytes
 * @param summary how many there are
 */
public record PatchPlan(List<FileChange> changes, List<Entry> entries, Summary summary) {
    /** The largest file that a patch may change. */
    public static final int MAX_FILE_BYTES = 4 << 20;

    /** The most content that the changes of one patch may hold. */
    public static final int MAX_RESULT_BYTES = 32 << 20;

    /**
     * One path.
     *
     * @param path the path
     * @param status added, modified or deleted; a change of kind is modified
     */
    public record Entry(String path, ChangeStatus status) {
        public Entry {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(status, "status");
        }
    }

    /**
     * How many entries there are.
     *
     * @param total all of them
     * @param added those of status added
     * @param modified those of status modified
     * @param deleted those of status deleted
     */
    public record Summary(int total, int added, int modified, int deleted) {
        static Summary of(List<Entry> entries) {
            return new Summary(
                    entries.size(),
                    count(entries, ChangeStatus.ADDED),
                    count(entries, ChangeStatus.MODIFIED),
                    count(entries, ChangeStatus.DELETED));
        }

        private static int count(List<Entry> entries, ChangeStatus status) {
            return (int)
                    entries.stream().filter(entry -> entry.status() == status).count();
        }
    }

    public PatchPlan {
        changes = List.copyOf(changes);
        entries = List.copyOf(entries);
        Objects.requireNonNull(summary, "summary");
    }

    /**
     * Checks a patch against the files.
     *
     * @throws PyroException {@link ErrorCode#PATCH_DOES_NOT_APPLY} when any part of it does not fit: then no part is to be applied
     */
    public static PatchPlan of(Patch patch, CurrentFiles files) {
        return new PatchCheck(patch, files).plan();
    }
}
