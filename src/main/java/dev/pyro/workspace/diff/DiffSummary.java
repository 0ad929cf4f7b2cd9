package dev.pyro.workspace.diff;

import dev.pyro.model.ChangeStatus;
import java.util.List;

/**
 * How many entries of each sort a diff has.
 *
 * @param total all of them
 * @param added those of status added
 * @param modified those of status modified
 * @param deleted those of status deleted
 * @param typeChanged those of status type_changed
 * @param textPatched those whose change the patch holds
 * @param nonText the others
 */
public record DiffSummary(
        int total, int added, int modified, int deleted, int typeChanged, int textPatched, int nonText) {
    static DiffSummary of(List<DiffEntry> entries) {
        int patched = (int) entries.stream().filter(DiffEntry::textPatch).count();
        return new DiffSummary(
                entries.size(),
                count(entries, ChangeStatus.ADDED),
                count(entries, ChangeStatus.MODIFIED),
                count(entries, ChangeStatus.DELETED),
                count(entries, ChangeStatus.TYPE_CHANGED),
                patched,
                entries.size() - patched);
    }

    private static int count(List<DiffEntry> entries, ChangeStatus status) {
        return (int) entries.stream().filter(entry -> entry.status() == status).count();
    }
}
