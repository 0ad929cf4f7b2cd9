package dev.pyro.workspace;

import dev.pyro.model.Progress;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.model.WorkspaceSync;
import java.nio.file.Path;

/** The files of running workspaces. Safe for use by several threads and processes. */
@SuppressWarnings("DoNotCallSuggester")
public final class WorkspaceTrees {
    public WorkspaceTrees(WorkspaceContext context) {
        java.util.Objects.requireNonNull(context);
    }

    /** Puts files of the host into a workspace, all of them or none. */
    public WorkspaceSync push(WorkspaceId id, Path source, String destination, Progress.Listener listener) {
        throw new UnsupportedOperationException();
    }

    /** Copies a file, directory or link to the host. */
    public WorkspaceExport export(WorkspaceId id, String path, Path output) {
        throw new UnsupportedOperationException();
    }

    /** Returns what differs from the baseline. */
    public WorkspaceDiff diff(WorkspaceId id) {
        throw new UnsupportedOperationException();
    }

    /** Lists a directory. */
    public WorkspaceFiles listFiles(WorkspaceId id, String path, boolean recursive) {
        throw new UnsupportedOperationException();
    }

    /** Reads a text file. */
    public WorkspaceFile readFile(WorkspaceId id, String path, int maxBytes) {
        throw new UnsupportedOperationException();
    }

    /** Writes a text file. */
    public WorkspaceFileWrite writeFile(WorkspaceId id, String path, String text) {
        throw new UnsupportedOperationException();
    }

    /** Applies a patch, all of it or nothing. */
    public WorkspacePatch applyPatch(WorkspaceId id, String patch, boolean allowModeOnly) {
        throw new UnsupportedOperationException();
    }
}
