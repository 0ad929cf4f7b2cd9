package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.payload.WorkspaceFilePayloads;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace export WORKSPACE_ID PATH}. */
final class WorkspaceExportCommand implements CliCommand {
    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "Copy a file, directory or link of a running workspace to this host.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer("", "Example:", "  pyro workspace export ws-0123456789ab report.html --output ./report.html");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(
                Positionals.required(1, "PATH", "What is copied; a relative path is one in " + Workspace.PATH + "."));
        spec.addOption(OutputOption.spec("Where it goes; nothing may be there yet."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Path output = OutputOption.value(parsed);
        WorkspaceExport export = context.pyro()
                .get()
                .exportWorkspace(WorkspaceArgument.id(parsed, context), parsed.matchedPositionalValue(1, ""), output);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.export(export));
        } else {
            context.terminal().outLine(WorkspaceFileLines.export(export));
        }
        return 0;
    }
}
