package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.payload.WorkspaceFilePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace disk read WORKSPACE_ID PATH}. */
final class DiskReadCommand implements CliCommand {
    private static final String MAX_BYTES = "--max-bytes";

    @Override
    public String name() {
        return "read";
    }

    @Override
    public String summary() {
        return "Print a text file on a stopped workspace's disk.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace disk read ws-0123456789ab src/main.py",
                        "  pyro workspace disk read ws-0123456789ab /etc/os-release");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(
                Positionals.required(1, "PATH", "A text file; a relative path is one in " + Workspace.PATH + "."));
        spec.addOption(CommonOptions.number(
                MAX_BYTES,
                WorkspaceFile.DEFAULT_MAX_BYTES,
                "The most that is read, 1 to " + WorkspaceFile.LARGEST_MAX_BYTES));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceFile file = context.pyro()
                .get()
                .readWorkspaceDisk(
                        WorkspaceArgument.id(parsed, context),
                        parsed.matchedPositionalValue(1, ""),
                        parsed.matchedOptionValue(MAX_BYTES, WorkspaceFile.DEFAULT_MAX_BYTES));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.file(file));
        } else {
            context.terminal().outText(file.content());
            context.terminal().errLine(WorkspaceFileLines.diskRead(file));
        }
        return 0;
    }
}
