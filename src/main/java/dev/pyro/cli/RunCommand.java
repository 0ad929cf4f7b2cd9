package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.EnvironmentArgument;
import dev.pyro.cli.command.LiveOutput;
import dev.pyro.cli.command.MachineOptions;
import dev.pyro.cli.command.ShellQuoting;
import dev.pyro.cli.command.UserOption;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.cli.render.Terminal;
import dev.pyro.model.OutputListener;
import dev.pyro.model.RunInVm;
import dev.pyro.model.VmRun;
import dev.pyro.payload.VmPayloads;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro run ENVIRONMENT -- COMMAND}: one command in a fresh machine, of which nothing is left. */
final class RunCommand implements CliCommand {
    private static final String NETWORK = "--network";

    @Override
    public String name() {
        return "run";
    }

    @Override
    public String summary() {
        return "Run one command in a fresh virtual machine and leave nothing behind.";
    }

    @Override
    public String guestCommandExample() {
        return "debian:12 -- git --version";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .customSynopsis("pyro run [OPTIONS] ENVIRONMENT -- COMMAND [ARG...]")
                .footer(
                        "",
                        "The words after `--` are one command line, run by `/bin/sh` in the guest.",
                        "",
                        "Examples:",
                        "  pyro run debian:12 -- git --version",
                        "  pyro run --network debian:12 -- curl -sI https://www.debian.org",
                        "  pyro run debian:12-build -- sh -c 'echo \"int main(){}\" > a.c && cc a.c'");
        spec.addPositional(EnvironmentArgument.spec());
        MachineOptions.addSizes(spec);
        MachineOptions.addTimeout(spec);
        spec.addOption(CommonOptions.flag(NETWORK, "Let the machine reach the outside; nothing reaches the machine."));
        spec.addOption(UserOption.spec());
        MachineOptions.addAllowHostCompat(spec);
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        boolean json = CommonOptions.isJson(parsed);
        Terminal terminal = context.terminal();
        String environment = EnvironmentArgument.value(parsed);
        RunInVm options = RunInVm.defaults()
                .withMachine(MachineOptions.sizes(parsed).withNetwork(parsed.matchedOptionValue(NETWORK, false)))
                .withTimeout(MachineOptions.timeout(parsed))
                .withUser(UserOption.value(parsed));
        ProgressLines progress = new ProgressLines(terminal);
        String command = ShellQuoting.join(context.guestCommand());
        if (json) {
            VmRun run = context.pyro().get().runInVm(environment, command, options, OutputListener.NONE, progress);
            terminal.outJson(VmPayloads.run(run));
            return 0;
        }
        // What is streamed need not be kept.
        RunInVm streamed = options.withExec(options.exec().withMaxKeptBytes(0));
        VmRun run = context.pyro().get().runInVm(environment, command, streamed, LiveOutput.to(terminal), progress);
        terminal.errLine(String.join(
                " ",
                List.of(
                        "[run]",
                        "environment=" + run.environment(),
                        "execution_mode=" + run.executionMode().wireName(),
                        "exit_code=" + run.result().exitCode(),
                        "duration_ms=" + run.result().duration().toMillis())));
        return run.result().exitCode();
    }
}
