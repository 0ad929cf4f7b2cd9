package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.WorkspaceSnapshots;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace snapshot list WORKSPACE_ID}. */
final class SnapshotListCommand implements CliCommand {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List the snapshots of a workspace, the baseline first.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace snapshot list ws-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceSnapshots snapshots = context.pyro().get().listSnapshots(WorkspaceArgument.id(parsed, context));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.snapshots(snapshots));
        } else {
            WorkspaceLines.snapshots(snapshots).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
