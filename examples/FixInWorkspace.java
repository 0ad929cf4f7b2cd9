import dev.pyro.LocalPyro;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.Progress;
import dev.pyro.model.Snapshot;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.nio.file.Path;
import java.time.Duration;

/** A workspace from a directory: run its tests, mend it, hand back a patch. The argument is the directory. */
public final class FixInWorkspace {
    private FixInWorkspace() {}

    public static void main(String[] arguments) {
        Pyro pyro = LocalPyro.open();
        Workspace workspace = pyro.createWorkspace(
                "debian:12",
                CreateWorkspace.defaults().withSeedPath(Path.of(arguments[0])).withTtl(Duration.ofHours(1)));
        WorkspaceId id = workspace.workspaceId();
        try {
            WorkspaceExec before = pyro.execWorkspace(id, "sh test.sh", ExecWorkspace.defaults());
            System.out.println("before: exit code " + before.result().exitCode());

            pyro.createSnapshot(id, "before");
            pyro.writeWorkspaceFile(id, "answer.txt", "42\n");
            WorkspaceExec after = pyro.execWorkspace(id, "sh test.sh", ExecWorkspace.defaults());
            System.out.println("after: exit code " + after.result().exitCode());

            WorkspaceDiff diff = pyro.diffWorkspace(id);
            System.out.print(diff.patch());

            pyro.resetWorkspace(id, "before", Progress.Listener.NONE);
            pyro.resetWorkspace(id, Snapshot.BASELINE, Progress.Listener.NONE);
            System.out.println("changed after reset: " + pyro.diffWorkspace(id).changed());
        } finally {
            pyro.deleteWorkspace(id);
        }
    }
}
