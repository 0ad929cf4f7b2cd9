package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro mcp}: the door for agents. */
public final class McpCommand implements CliCommand {
    @Override
    public String name() {
        return "mcp";
    }

    @Override
    public String summary() {
        return "Serve agents over the Model Context Protocol, and configure their programs.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new McpConfigCommand());
    }
}
