package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace sync}. */
final class SyncCommand implements CliCommand {
    @Override
    public String name() {
        return "sync";
    }

    @Override
    public String summary() {
        return "Put files of this host into a running workspace.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new SyncPushCommand());
    }
}
