package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.payload.WorkspaceFilePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace diff WORKSPACE_ID}. */
final class WorkspaceDiffCommand implements CliCommand {
    @Override
    public String name() {
        return "diff";
    }

    @Override
    public String summary() {
        return "Show what differs in the files from when the workspace was created.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Standard output is a summary line and a patch that `git apply` takes.",
                        "What is no text is listed on standard error.",
                        "",
                        "Examples:",
                        "  pyro workspace diff ws-0123456789ab",
                        "  pyro workspace diff ws-0123456789ab | git apply");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceDiff diff = context.pyro().get().diffWorkspace(WorkspaceArgument.id(parsed, context));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.diff(diff));
        } else {
            context.terminal().outLine(WorkspaceFileLines.diff(diff));
            context.terminal().outText(diff.patch());
            WorkspaceFileLines.diffWithoutText(diff).forEach(context.terminal()::errLine);
        }
        return 0;
    }
}
