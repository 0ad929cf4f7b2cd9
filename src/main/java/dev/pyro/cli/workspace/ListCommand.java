package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.WorkspaceFilePayloads;
import dev.pyro.sdk.Pyro;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code pyro workspace file list WORKSPACE_ID [PATH]} and {@code disk list}: a directory, of a running workspace or of a stopped one.
 *
 * @param summary what help says
 * @param examples what help shows
 * @param lister the facade's method
 * @param lines the human lines
 */
record ListCommand(String summary, List<String> examples, Lister lister, Function<WorkspaceFiles, List<String>> lines)
        implements CliCommand {
    private static final String RECURSIVE = "--recursive";

    /** Lists a directory. */
    @FunctionalInterface
    interface Lister {
        WorkspaceFiles list(Pyro pyro, WorkspaceId id, String path, boolean recursive);
    }

    static ListCommand ofFiles() {
        return new ListCommand(
                "List a directory of a running workspace.",
                List.of("  pyro workspace file list ws-0123456789ab src --recursive"),
                Pyro::listWorkspaceFiles,
                WorkspaceFileLines::fileList);
    }

    static ListCommand ofDisk() {
        return new ListCommand(
                "List a directory on a stopped workspace's disk.",
                List.of(
                        "  pyro workspace disk list ws-0123456789ab src --recursive",
                        "  pyro workspace disk list ws-0123456789ab /etc"),
                Pyro::listWorkspaceDisk,
                WorkspaceFileLines::diskList);
    }

    @Override
    public String name() {
        return "list";
    }

    @Override
    public void configure(CommandSpec spec) {
        WorkspaceArgument.addExamples(spec, examples);
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.optional(1, "PATH", Workspace.PATH, "A directory or file"));
        spec.addOption(CommonOptions.flag(RECURSIVE, "List everything below, too."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceFiles files = lister.list(
                context.pyro().get(),
                WorkspaceArgument.id(parsed, context),
                parsed.matchedPositionalValue(1, Workspace.PATH),
                parsed.matchedOptionValue(RECURSIVE, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.files(files));
        } else {
            lines.apply(files).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
