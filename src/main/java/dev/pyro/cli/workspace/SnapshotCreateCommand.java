package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace snapshot create WORKSPACE_ID SNAPSHOT_NAME}. */
final class SnapshotCreateCommand implements CliCommand {
    @Override
    public String name() {
        return "create";
    }

    @Override
    public String summary() {
        return "Keep the present state of a workspace's files, running or not.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace snapshot create ws-0123456789ab before-upgrade");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.required(
                1, "SNAPSHOT_NAME", "A letter or digit, and up to 63 letters, digits, dots, underscores and dashes."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceSnapshot snapshot = context.pyro()
                .get()
                .createSnapshot(WorkspaceArgument.id(parsed, context), parsed.matchedPositionalValue(1, ""));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.snapshot(snapshot));
        } else {
            context.terminal().outLine(WorkspaceLines.snapshot(snapshot));
        }
        return 0;
    }
}
