package dev.pyro.model;

import java.util.List;

/**
 * A patch that was applied.
 *
 * @param workspaceId the workspace
 * @param executionMode how it was done
 * @param entries sorted by path
 */
public record WorkspacePatch(WorkspaceId workspaceId, ExecutionMode executionMode, List<Entry> entries) {
    public WorkspacePatch {
        entries = List.copyOf(entries);
    }

    /**
     * One file.
     *
     * @param path relative to {@code /workspace}
     * @param status added, modified or deleted
     */
    public record Entry(String path, ChangeStatus status) {}

    /** Returns how many entries have a status. */
    public long count(ChangeStatus status) {
        return entries.stream().filter(entry -> entry.status() == status).count();
    }
}
