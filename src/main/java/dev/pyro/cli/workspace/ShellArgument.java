package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.Positionals;
import dev.pyro.model.ShellId;
import dev.pyro.model.WorkspaceId;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The positional that names a shell, always the second. Stateless. */
final class ShellArgument {
    private ShellArgument() {}

    static PositionalParamSpec spec() {
        return Positionals.required(
                1, "SHELL_ID", "A shell's id, or the beginning of it; `pyro workspace shell list` shows them.");
    }

    /** Returns the shell that is meant; the facade knows which there are. */
    static ShellId id(ParseResult parsed, CliContext context, WorkspaceId workspace) {
        return context.pyro().get().findShell(workspace, parsed.matchedPositionalValue(1, ""));
    }
}
