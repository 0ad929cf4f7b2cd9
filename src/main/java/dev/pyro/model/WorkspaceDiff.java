package dev.pyro.model;

import java.util.List;

/**
 * What differs in a workspace's files from what they were when it was created.
 *
 * @param workspaceId the workspace
 * @param entries sorted by path
 * @param patch the differences of text files and links in git's form, which {@code git apply} takes; possibly empty
 */
public record WorkspaceDiff(WorkspaceId workspaceId, List<Entry> entries, String patch) {
    public WorkspaceDiff {
        entries = List.copyOf(entries);
    }

    /**
     * One difference.
     *
     * @param path relative to {@code /workspace}
     * @param status how it differs
     * @param artifactType what it is now, or was when it was deleted
     * @param textPatch whether the patch holds it
     */
    public record Entry(String path, ChangeStatus status, ArtifactType artifactType, boolean textPatch) {}

    /** Returns whether anything differs. */
    public boolean changed() {
        return !entries.isEmpty();
    }

    /** Returns how many entries have a status. */
    public long count(ChangeStatus status) {
        return entries.stream().filter(entry -> entry.status() == status).count();
    }

    /** Returns how many entries the patch holds. */
    public long textPatched() {
        return entries.stream().filter(Entry::textPatch).count();
    }
}
