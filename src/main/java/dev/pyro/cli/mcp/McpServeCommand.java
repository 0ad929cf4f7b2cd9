package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.Toolbox;
import dev.pyro.mcp.server.StdioServer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro mcp serve}: the MCP server. */
final class McpServeCommand implements CliCommand {
    private static final String PROFILE = "--profile";

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String summary() {
        return "Serve Pyro's tools to one MCP client over standard input and output.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addOption(CommonOptions.text(
                PROFILE,
                "PROFILE",
                "Which tools: `vm-run`, `workspace-core` or `workspace-full` (default: workspace-full)."));
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ToolProfile profile = ToolProfile.of(parsed.matchedOptionValue(PROFILE, ToolProfile.WORKSPACE_FULL.wireName()));
        Toolbox toolbox = new Toolbox(context.pyro().get(), profile);
        String version = Objects.requireNonNullElse(
                McpServeCommand.class.getPackage().getImplementationVersion(), "development");
        try {
            new StdioServer(toolbox, version)
                    .serve(
                            context.input(),
                            Channels.newOutputStream(context.terminal().out()));
            return 0;
        } catch (IOException e) {
            throw new PyroException(ErrorCode.STORAGE_UNUSABLE, "cannot read standard input: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "the server was interrupted", e);
        }
    }
}
