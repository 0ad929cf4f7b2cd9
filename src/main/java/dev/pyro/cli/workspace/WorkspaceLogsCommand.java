package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.Terminal;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace logs WORKSPACE_ID}. */
final class WorkspaceLogsCommand implements CliCommand {
    @Override
    public String name() {
        return "logs";
    }

    @Override
    public String summary() {
        return "Show the commands that ran since the workspace was created or reset, with their output.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace logs ws-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        WorkspaceLogs logs = context.pyro().get().logsWorkspace(WorkspaceArgument.id(parsed, context));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.logs(logs));
            return 0;
        }
        if (logs.entries().isEmpty()) {
            context.terminal().outLine("No workspace logs found.");
        }
        for (WorkspaceLogs.Entry entry : logs.entries()) {
            WorkspaceLines.logHeading(entry).forEach(context.terminal()::outLine);
            printLines(context.terminal(), entry.result().stdout());
            printLines(context.terminal(), entry.result().stderr());
        }
        return 0;
    }

    /** Prints output as it is, and ends its last line so that what follows begins on one of its own. */
    private static void printLines(Terminal terminal, String output) {
        terminal.outText(output);
        if (!output.isEmpty() && !output.endsWith("\n")) {
            terminal.outText("\n");
        }
    }
}
