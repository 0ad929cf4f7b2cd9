package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace disk}. */
final class DiskCommand implements CliCommand {
    @Override
    public String name() {
        return "disk";
    }

    @Override
    public String summary() {
        return "Look at a stopped workspace's disk without starting it.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new DiskExportCommand(), ListCommand.ofDisk(), ReadCommand.ofDisk());
    }
}
