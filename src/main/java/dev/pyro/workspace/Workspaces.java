package dev.pyro.workspace;

import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.Progress;
import dev.pyro.model.UpdateWorkspace;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceList;

/** The life of workspaces: made, listed, started, stopped, deleted. Safe for use by several threads and processes. */
@SuppressWarnings("DoNotCallSuggester")
public final class Workspaces {
    public Workspaces(WorkspaceContext context) {
        java.util.Objects.requireNonNull(context);
    }

    /** Makes a workspace and starts it, or leaves nothing. */
    public Workspace create(String environment, CreateWorkspace options, Progress.Listener listener) {
        throw new UnsupportedOperationException();
    }

    /** Returns all workspaces, newest activity first. */
    public WorkspaceList list() {
        throw new UnsupportedOperationException();
    }

    /** Returns the workspace that an id, the unique beginning of one, or a name stands for. */
    public WorkspaceId find(String reference) {
        throw new UnsupportedOperationException();
    }

    /** Returns what a workspace is now. */
    public Workspace status(WorkspaceId id) {
        throw new UnsupportedOperationException();
    }

    /** Changes name and labels. */
    public Workspace update(WorkspaceId id, UpdateWorkspace changes) {
        throw new UnsupportedOperationException();
    }

    /** Starts the machine; does nothing when it runs. */
    public Workspace start(WorkspaceId id, Progress.Listener listener) {
        throw new UnsupportedOperationException();
    }

    /** Ends the machine in good order and keeps all files; does nothing when it does not run. */
    public Workspace stop(WorkspaceId id) {
        throw new UnsupportedOperationException();
    }

    /** Ends the machine and deletes everything. */
    public WorkspaceDeleted delete(WorkspaceId id) {
        throw new UnsupportedOperationException();
    }

    /** Deletes what is expired, and what killed processes left. */
    public void reapExpired() {
        // Nothing yet.
    }
}
