package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace snapshot delete WORKSPACE_ID SNAPSHOT_NAME}. */
final class SnapshotDeleteCommand implements CliCommand {
    @Override
    public String name() {
        return "delete";
    }

    @Override
    public String summary() {
        return "Delete a snapshot; the others stay.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace snapshot delete ws-0123456789ab before-upgrade");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(
                Positionals.required(1, "SNAPSHOT_NAME", "A snapshot; `pyro workspace snapshot list` shows them."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceSnapshotDeleted deleted = context.pyro()
                .get()
                .deleteSnapshot(WorkspaceArgument.id(parsed, context), parsed.matchedPositionalValue(1, ""));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.snapshotDeleted(deleted));
        } else {
            context.terminal().outLine(WorkspaceLines.snapshotDeleted(deleted));
        }
        return 0;
    }
}
