package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.model.ShellList;
import dev.pyro.payload.ShellPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell list WORKSPACE_ID}. */
final class ShellListCommand implements CliCommand {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List the shells that were opened and not closed, the oldest first.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace shell list ws-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ShellList list = context.pyro().get().listShells(WorkspaceArgument.id(parsed, context));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ShellPayloads.list(list));
        } else {
            ShellLines.list(list).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
