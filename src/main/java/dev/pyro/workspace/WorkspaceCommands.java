package dev.pyro.workspace;

import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OutputListener;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceLogs;

/** Commands in workspaces, and their history. Safe for use by several threads and processes. */
@SuppressWarnings("DoNotCallSuggester")
public final class WorkspaceCommands {
    public WorkspaceCommands(WorkspaceContext context) {
        java.util.Objects.requireNonNull(context);
    }

    /** Runs a command in /workspace. */
    public WorkspaceExec exec(WorkspaceId id, String command, ExecWorkspace options, OutputListener output) {
        throw new UnsupportedOperationException();
    }

    /** Returns the history. */
    public WorkspaceLogs logs(WorkspaceId id) {
        throw new UnsupportedOperationException();
    }
}
