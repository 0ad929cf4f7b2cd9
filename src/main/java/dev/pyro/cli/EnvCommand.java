package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro env}: the environments. */
final class EnvCommand implements CliCommand {
    @Override
    public String name() {
        return "env";
    }

    @Override
    public String summary() {
        return "List, install, build, publish, inspect and clean up environments.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(
                new EnvListCommand(),
                new EnvPullCommand(),
                new EnvBuildCommand(),
                new EnvPushCommand(),
                new EnvInspectCommand(),
                new EnvPruneCommand());
    }
}
