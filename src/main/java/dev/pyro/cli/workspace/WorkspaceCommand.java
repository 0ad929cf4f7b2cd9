package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace}: machines that stay. */
public final class WorkspaceCommand implements CliCommand {
    @Override
    public String name() {
        return "workspace";
    }

    @Override
    public String summary() {
        return "Work in machines that stay: run commands, change files, compare, snapshot, reset.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(
                new WorkspaceCreateCommand(),
                new WorkspaceListCommand(),
                new WorkspaceUpdateCommand(),
                new WorkspaceStatusCommand(),
                new WorkspaceExecCommand(),
                new WorkspaceLogsCommand(),
                new SyncCommand(),
                new WorkspaceExportCommand(),
                new WorkspaceDiffCommand(),
                new FileCommand(),
                new PatchCommand(),
                new ShellCommand(),
                new SnapshotCommand(),
                new WorkspaceResetCommand(),
                new WorkspaceStopCommand(),
                new WorkspaceStartCommand(),
                new DiskCommand(),
                new ServiceCommand(),
                new WorkspaceDeleteCommand());
    }
}
