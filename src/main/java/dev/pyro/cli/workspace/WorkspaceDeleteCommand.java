package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace delete WORKSPACE_ID}. */
final class WorkspaceDeleteCommand implements CliCommand {
    @Override
    public String name() {
        return "delete";
    }

    @Override
    public String summary() {
        return "Delete a workspace with its files, snapshots and history.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace delete ws-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceDeleted deleted = context.pyro().get().deleteWorkspace(WorkspaceArgument.id(parsed, context));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.deleted(deleted));
        } else {
            context.terminal().outLine(WorkspaceLines.deleted(deleted));
        }
        return 0;
    }
}
