package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.Positionals;
import dev.pyro.model.WorkspaceId;
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
}
