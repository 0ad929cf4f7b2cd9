package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.Snapshot;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace reset WORKSPACE_ID}. */
final class WorkspaceResetCommand implements CliCommand {
    private static final String SNAPSHOT = "--snapshot";

    @Override
    public String name() {
        return "reset";
    }

    @Override
    public String summary() {
        return "Give a workspace a fresh root, a snapshot's files and an empty history.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace reset ws-0123456789ab",
                        "  pyro workspace reset ws-0123456789ab --snapshot before-upgrade");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.text(
                SNAPSHOT, "NAME", "The snapshot whose files it gets (default: " + Snapshot.BASELINE + ")."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ProgressLines progress = new ProgressLines(context.terminal());
        WorkspaceReset reset = context.pyro()
                .get()
                .resetWorkspace(
                        WorkspaceArgument.id(parsed, context),
                        parsed.matchedOptionValue(SNAPSHOT, Snapshot.BASELINE),
                        progress);
        progress.clearBar();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.reset(reset));
        } else {
            WorkspaceLines.reset(reset).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
