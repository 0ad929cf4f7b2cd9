package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.Positionals;
import dev.pyro.model.WorkspaceId;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The positional that names a workspace, always the first. Stateless. */
final class WorkspaceArgument {
    private WorkspaceArgument() {}

    static PositionalParamSpec spec() {
        return Positionals.required(
                0,
                "WORKSPACE_ID",
                "A workspace's id, the beginning of it, or its name; `pyro workspace list` shows them.");
    }

    /** Returns the workspace that is meant; the facade knows which there are. */
    static WorkspaceId id(ParseResult parsed, CliContext context) {
        return context.pyro().get().findWorkspace(parsed.matchedPositionalValue(0, ""));
    }

    /** Adds examples to a command's help. */
    static void addExamples(CommandSpec spec, List<String> examples) {
        List<String> footer = new ArrayList<>(List.of("", examples.size() == 1 ? "Example:" : "Examples:"));
        footer.addAll(examples);
        spec.usageMessage().footer(footer.toArray(String[]::new));
    }
}
