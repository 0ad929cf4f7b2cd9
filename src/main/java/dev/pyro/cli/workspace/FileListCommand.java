package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.payload.WorkspaceFilePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace file list WORKSPACE_ID [PATH]}. */
final class FileListCommand implements CliCommand {
    private static final String RECURSIVE = "--recursive";

    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List a directory of a running workspace.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace file list ws-0123456789ab src --recursive");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.optional(1, "PATH", Workspace.PATH, "A directory or file"));
        spec.addOption(CommonOptions.flag(RECURSIVE, "List everything below, too."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceFiles files = context.pyro()
                .get()
                .listWorkspaceFiles(
                        WorkspaceArgument.id(parsed, context),
                        parsed.matchedPositionalValue(1, Workspace.PATH),
                        parsed.matchedOptionValue(RECURSIVE, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.files(files));
        } else {
            WorkspaceFileLines.fileList(files).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
