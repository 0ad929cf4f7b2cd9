package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.payload.WorkspaceFilePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace file write WORKSPACE_ID PATH}. */
final class FileWriteCommand implements CliCommand {
    private static final TextOptions TEXT = new TextOptions("--text", WorkspaceFile.LARGEST_MAX_BYTES);

    @Override
    public String name() {
        return "write";
    }

    @Override
    public String summary() {
        return "Write a text file of a running workspace.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace file write ws-0123456789ab notes/todo.txt --text 'buy milk'",
                        "  pyro workspace file write parser config.yaml --text-file - < config.yaml");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.required(
                1,
                "PATH",
                "The file; a relative path is one in " + Workspace.PATH + ". Missing directories are made."));
        TEXT.addTo(spec, "What the file holds then, as it is.");
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        String text = TEXT.read(parsed, context);
        WorkspaceFileWrite write = context.pyro()
                .get()
                .writeWorkspaceFile(WorkspaceArgument.id(parsed, context), parsed.matchedPositionalValue(1, ""), text);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.fileWrite(write));
        } else {
            context.terminal().outLine(WorkspaceFileLines.fileWrite(write));
        }
        return 0;
    }
}
