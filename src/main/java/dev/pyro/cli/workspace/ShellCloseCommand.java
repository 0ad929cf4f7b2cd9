package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ShellPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell close WORKSPACE_ID SHELL_ID}. */
final class ShellCloseCommand implements CliCommand {
    @Override
    public String name() {
        return "close";
    }

    @Override
    public String summary() {
        return "End a shell with all that runs in it.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace shell close ws-0123456789ab sh-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ShellArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        ShellClosed closed = context.pyro().get().closeShell(id, ShellArgument.id(parsed, context, id));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ShellPayloads.closed(closed));
        } else {
            context.terminal().errLine(ShellLines.closed(closed));
        }
        return 0;
    }
}
