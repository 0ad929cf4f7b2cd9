package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.model.PyroException;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellSignalled;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ShellPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell signal WORKSPACE_ID SHELL_ID}. */
final class ShellSignalCommand implements CliCommand {
    private static final String SIGNAL = "--signal";

    @Override
    public String name() {
        return "signal";
    }

    @Override
    public String summary() {
        return "Send a signal to what runs in the foreground of a shell.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace shell signal ws-0123456789ab sh-0123456789ab",
                        "  pyro workspace shell signal parser sh-01 --signal KILL");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ShellArgument.spec());
        spec.addOption(CommonOptions.text(
                SIGNAL, "SIGNAL", "`HUP`, `INT`, `TERM` or `KILL` (default: " + ShellSignal.INT + ")."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ShellSignal signal = signal(parsed);
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        ShellSignalled signalled = context.pyro().get().signalShell(id, ShellArgument.id(parsed, context, id), signal);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ShellPayloads.signalled(signalled));
        } else {
            context.terminal().errLine(ShellLines.signalled(signalled));
        }
        return 0;
    }

    private static ShellSignal signal(ParseResult parsed) {
        try {
            return ShellSignal.of(parsed.matchedOptionValue(SIGNAL, ShellSignal.INT.name()));
        } catch (PyroException e) {
            throw new ParameterException(parsed.commandSpec().commandLine(), "--" + e.getMessage(), e);
        }
    }
}
