package dev.pyro.model;

import java.time.Instant;
import java.util.List;

/**
 * The history of a workspace's commands since it was created or last reset.
 *
 * @param workspaceId the workspace
 * @param entries in the order of their sequence numbers
 */
public record WorkspaceLogs(WorkspaceId workspaceId, List<Entry> entries) {
    public WorkspaceLogs {
        entries = List.copyOf(entries);
    }

    /**
     * One command that ended.
     *
     * @param sequence from 1, without gaps
     * @param command the shell command line
     * @param cwd where it ran
     * @param startedAt when it began
     * @param result how it ended, and what is kept of its output
     */
    public record Entry(long sequence, String command, String cwd, Instant startedAt, ExecResult result) {}
}
