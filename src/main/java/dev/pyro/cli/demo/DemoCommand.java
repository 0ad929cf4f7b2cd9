package dev.pyro.cli.demo;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.MachineOptions;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.demo.RunDemo;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro demo}: a machine made, used and deleted, as one JSON document. */
public final class DemoCommand implements CliCommand {
    private static final String NETWORK = "--network";

    @Override
    public String name() {
        return "demo";
    }

    @Override
    public String summary() {
        return "Create a machine, run a command in it, delete it, and print it all as JSON.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new DemoOllamaCommand());
    }

    @Override
    public boolean isGroup() {
        return false;
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Examples:", "  pyro demo", "  pyro demo --network");
        spec.addOption(CommonOptions.flag(
                NETWORK, "Give the machine a network and try to reach the outside; failing that is a result, too."));
        MachineOptions.addAllowHostCompat(spec);
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        context.terminal()
                .outJson(new RunDemo(
                                context.pyro().get(),
                                parsed.matchedOptionValue(NETWORK, false),
                                MachineOptions.allowHostCompat(parsed),
                                new ProgressLines(context.terminal()))
                        .run());
        return 0;
    }
}
