package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro mcp}: the group of commands about the MCP server. */
public final class McpCommand implements CliCommand {
    @Override
    public String name() {
        return "mcp";
    }

    @Override
    public String summary() {
        return "Offer Pyro's tools to coding agents over MCP, and configure their programs.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new McpServeCommand(), new McpConfigCommand());
    }
}
