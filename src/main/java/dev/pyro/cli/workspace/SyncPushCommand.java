package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceSync;
import dev.pyro.payload.WorkspaceFilePayloads;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace sync push WORKSPACE_ID SOURCE_PATH}. */
final class SyncPushCommand implements CliCommand {
    private static final String DEST = "--dest";

    @Override
    public String name() {
        return "push";
    }

    @Override
    public String summary() {
        return "Put a directory's content, or an archive's, into a running workspace: all of it or nothing.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace sync push ws-0123456789ab ./src --dest src",
                        "  pyro workspace sync push ws-0123456789ab fixtures.tar.gz");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.required(1, "SOURCE_PATH", "A directory, .tar, .tar.gz or .tgz of this host."));
        spec.addOption(CommonOptions.text(
                DEST, "PATH", "The directory in the workspace that it goes to (default: " + Workspace.PATH + ")."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Path source = HostPath.of(parsed, "SOURCE_PATH", parsed.matchedPositionalValue(1, ""));
        ProgressLines progress = new ProgressLines(context.terminal());
        WorkspaceSync sync = context.pyro()
                .get()
                .pushWorkspaceSync(
                        WorkspaceArgument.id(parsed, context),
                        source,
                        parsed.matchedOptionValue(DEST, Workspace.PATH),
                        progress);
        progress.clearBar();
        WorkspaceLines.skipped("workspace-sync", sync.workspaceId(), sync.source())
                .forEach(context.terminal()::errLine);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.sync(sync));
        } else {
            context.terminal().outLine(WorkspaceFileLines.sync(sync));
        }
        return 0;
    }
}
