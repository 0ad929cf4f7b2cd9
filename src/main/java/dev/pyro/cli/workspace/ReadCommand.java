package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.WorkspaceFilePayloads;
import dev.pyro.sdk.Pyro;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code pyro workspace file read WORKSPACE_ID PATH} and {@code disk read}: one text file, of a running workspace or of a stopped one.
 *
 * @param summary what help says
 * @param examples what help shows
 * @param reader the facade's method
 * @param line the summary line
 */
record ReadCommand(String summary, List<String> examples, Reader reader, Function<WorkspaceFile, String> line)
        implements CliCommand {
    private static final String MAX_BYTES = "--max-bytes";

    /** Reads a text file. */
    @FunctionalInterface
    interface Reader {
        WorkspaceFile read(Pyro pyro, WorkspaceId id, String path, int maxBytes);
    }

    static ReadCommand ofFile() {
        return new ReadCommand(
                "Print a text file of a running workspace.",
                List.of("  pyro workspace file read ws-0123456789ab src/main.py"),
                Pyro::readWorkspaceFile,
                WorkspaceFileLines::fileRead);
    }

    static ReadCommand ofDisk() {
        return new ReadCommand(
                "Print a text file on a stopped workspace's disk.",
                List.of(
                        "  pyro workspace disk read ws-0123456789ab src/main.py",
                        "  pyro workspace disk read ws-0123456789ab /etc/os-release"),
                Pyro::readWorkspaceDisk,
                WorkspaceFileLines::diskRead);
    }

    @Override
    public String name() {
        return "read";
    }

    @Override
    public void configure(CommandSpec spec) {
        WorkspaceArgument.addExamples(spec, examples);
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(
                Positionals.required(1, "PATH", "A text file; a relative path is one in " + Workspace.PATH + "."));
        spec.addOption(CommonOptions.number(
                MAX_BYTES,
                WorkspaceFile.DEFAULT_MAX_BYTES,
                "The most that is read, 1 to " + WorkspaceFile.LARGEST_MAX_BYTES));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceFile file = reader.read(
                context.pyro().get(),
                WorkspaceArgument.id(parsed, context),
                parsed.matchedPositionalValue(1, ""),
                parsed.matchedOptionValue(MAX_BYTES, WorkspaceFile.DEFAULT_MAX_BYTES));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.file(file));
        } else {
            context.terminal().outText(file.content());
            context.terminal().errLine(line.apply(file));
        }
        return 0;
    }
}
