package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace snapshot}. */
final class SnapshotCommand implements CliCommand {
    @Override
    public String name() {
        return "snapshot";
    }

    @Override
    public String summary() {
        return "Keep states of a workspace's files to reset to.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new SnapshotCreateCommand(), new SnapshotListCommand(), new SnapshotDeleteCommand());
    }
}
