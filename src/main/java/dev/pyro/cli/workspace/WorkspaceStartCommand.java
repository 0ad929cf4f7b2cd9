package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.Workspace;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace start WORKSPACE_ID}. */
final class WorkspaceStartCommand implements CliCommand {
    @Override
    public String name() {
        return "start";
    }

    @Override
    public String summary() {
        return "Start a workspace that was stopped or crashed, with all its files.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace start ws-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ProgressLines progress = new ProgressLines(context.terminal());
        Workspace workspace = context.pyro().get().startWorkspace(WorkspaceArgument.id(parsed, context), progress);
        progress.clearBar();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.workspace(workspace));
        } else {
            WorkspaceLines.workspace("Started workspace", workspace).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
