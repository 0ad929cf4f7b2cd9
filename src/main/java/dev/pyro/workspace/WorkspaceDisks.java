package dev.pyro.workspace;

import dev.pyro.model.Progress;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import java.nio.file.Path;

/** The disks of stopped workspaces. Safe for use by several threads and processes. */
@SuppressWarnings("DoNotCallSuggester")
public final class WorkspaceDisks {
    public WorkspaceDisks(WorkspaceContext context) {
        java.util.Objects.requireNonNull(context);
    }

    /** Lists a directory. */
    public WorkspaceFiles list(WorkspaceId id, String path, boolean recursive) {
        throw new UnsupportedOperationException();
    }

    /** Reads a text file. */
    public WorkspaceFile read(WorkspaceId id, String path, int maxBytes) {
        throw new UnsupportedOperationException();
    }

    /** Writes the whole machine as one ext4 image. */
    public WorkspaceDiskExport export(WorkspaceId id, Path output, Progress.Listener listener) {
        throw new UnsupportedOperationException();
    }
}
