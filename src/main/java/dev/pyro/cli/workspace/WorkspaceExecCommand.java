package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.LiveOutput;
import dev.pyro.cli.command.MachineOptions;
import dev.pyro.cli.command.ShellQuoting;
import dev.pyro.cli.command.UserOption;
import dev.pyro.cli.render.Terminal;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.WorkspacePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace exec WORKSPACE_ID -- COMMAND}. */
final class WorkspaceExecCommand implements CliCommand {
    @Override
    public String name() {
        return "exec";
    }

    @Override
    public String summary() {
        return "Run a command in a running workspace and pass its output on as it comes.";
    }

    @Override
    public String guestCommandExample() {
        return "ws-0123456789ab -- git status";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .customSynopsis("pyro workspace exec [OPTIONS] WORKSPACE_ID -- COMMAND [ARG...]")
                .footer(
                        "",
                        "The words after `--` are one command line, run by `/bin/sh` in /workspace.",
                        "",
                        "Examples:",
                        "  pyro workspace exec ws-0123456789ab -- make test",
                        "  pyro workspace exec parser --timeout-seconds 600 -- sh -c 'cd src && make'",
                        "  pyro workspace exec parser --secret-env TOKEN -- ./publish.sh");
        spec.addPositional(WorkspaceArgument.spec());
        MachineOptions.addTimeout(spec);
        spec.addOption(SecretEnvOption.spec());
        spec.addOption(UserOption.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Terminal terminal = context.terminal();
        String command = ShellQuoting.join(context.guestCommand());
        ExecWorkspace options = ExecWorkspace.defaults()
                .withTimeout(MachineOptions.timeout(parsed))
                .withSecretEnv(SecretEnvOption.read(parsed))
                .withUser(UserOption.value(parsed));
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        if (CommonOptions.isJson(parsed)) {
            terminal.outJson(WorkspacePayloads.exec(context.pyro().get().execWorkspace(id, command, options)));
            return 0;
        }
        WorkspaceExec exec = context.pyro().get().execWorkspace(id, command, options, LiveOutput.to(terminal));
        terminal.errLine(WorkspaceLines.exec(exec));
        return exec.result().exitCode();
    }
}
