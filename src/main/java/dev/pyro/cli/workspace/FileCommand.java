package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace file}. */
final class FileCommand implements CliCommand {
    @Override
    public String name() {
        return "file";
    }

    @Override
    public String summary() {
        return "List, read and write files of a running workspace.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(ListCommand.ofFiles(), ReadCommand.ofFile(), new FileWriteCommand());
    }
}
