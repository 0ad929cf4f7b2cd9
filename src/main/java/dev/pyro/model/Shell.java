package dev.pyro.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A shell in a workspace: a login shell on a terminal of its own, which outlives the process that opened it and ends with the machine.
 *
 * @param workspaceId the workspace
 * @param shellId its id
 * @param state where it is in its life
 * @param cwd the directory that it was opened in
 * @param cols the columns of its terminal
 * @param rows the rows of its terminal
 * @param startedAt when it was opened
 * @param endedAt when its process ended, or null
 * @param exitCode the exit code of its process, 128 and the signal's number when a signal ended it; null while it runs
 * @param executionMode how it is run
 * @param endCursor the cursor that the next output will have; reading from there returns only what comes later
 */
public record Shell(
        WorkspaceId workspaceId,
        ShellId shellId,
        ShellState state,
        String cwd,
        int cols,
        int rows,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Integer exitCode,
        ExecutionMode executionMode,
        long endCursor) {
    /** The same in another state. */
    public Shell withState(ShellState other) {
        return new Shell(
                workspaceId, shellId, other, cwd, cols, rows, startedAt, endedAt, exitCode, executionMode, endCursor);
    }

    /** The same with another end. */
    public Shell withEndCursor(long cursor) {
        return new Shell(
                workspaceId, shellId, state, cwd, cols, rows, startedAt, endedAt, exitCode, executionMode, cursor);
    }
}
