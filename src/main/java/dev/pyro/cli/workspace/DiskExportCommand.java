package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.payload.WorkspaceFilePayloads;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace disk export WORKSPACE_ID}. */
final class DiskExportCommand implements CliCommand {
    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "Write a stopped workspace's machine to one ext4 image.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer("", "Example:", "  pyro workspace disk export ws-0123456789ab --output ./workspace.ext4");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(OutputOption.spec("The image; nothing may be there yet."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Path output = OutputOption.value(parsed);
        ProgressLines progress = new ProgressLines(context.terminal());
        WorkspaceDiskExport export =
                context.pyro().get().exportWorkspaceDisk(WorkspaceArgument.id(parsed, context), output, progress);
        progress.clearBar();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.diskExport(export));
        } else {
            context.terminal().outLine(WorkspaceFileLines.diskExport(export));
        }
        return 0;
    }
}
