package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.WorkspaceList;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace list}. */
final class WorkspaceListCommand implements CliCommand {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List the workspaces, the last used first.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Examples:", "  pyro workspace list", "  pyro workspace list --json");
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceList list = context.pyro().get().listWorkspaces();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.list(list));
        } else {
            WorkspaceLines.list(list).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
