package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace shell}. */
final class ShellCommand implements CliCommand {
    @Override
    public String name() {
        return "shell";
    }

    @Override
    public String summary() {
        return "Work in shells of a running workspace that outlive this command.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(
                new ShellOpenCommand(),
                new ShellListCommand(),
                new ShellReadCommand(),
                new ShellWriteCommand(),
                new ShellSignalCommand(),
                new ShellAttachCommand(),
                new ShellCloseCommand());
    }
}
