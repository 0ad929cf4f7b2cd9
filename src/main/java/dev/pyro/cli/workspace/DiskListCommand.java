package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.payload.WorkspaceFilePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace disk list WORKSPACE_ID [PATH]}. */
final class DiskListCommand implements CliCommand {
    private static final String RECURSIVE = "--recursive";

    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List a directory on a stopped workspace's disk.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace disk list ws-0123456789ab src --recursive",
                        "  pyro workspace disk list ws-0123456789ab /etc");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.optional(1, "PATH", Workspace.PATH, "A directory or file"));
        spec.addOption(CommonOptions.flag(RECURSIVE, "List everything below, too."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceFiles files = context.pyro()
                .get()
                .listWorkspaceDisk(
                        WorkspaceArgument.id(parsed, context),
                        parsed.matchedPositionalValue(1, Workspace.PATH),
                        parsed.matchedOptionValue(RECURSIVE, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.files(files));
        } else {
            WorkspaceFileLines.diskList(files).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
