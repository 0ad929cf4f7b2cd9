package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.EnvironmentLines;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.payload.EnvironmentPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro env prune}. */
final class EnvPruneCommand implements CliCommand {
    private static final String ALL = "--all";

    @Override
    public String name() {
        return "prune";
    }

    @Override
    public String summary() {
        return "Delete what the cache no longer needs; never what a machine uses.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addOption(CommonOptions.flag(
                ALL,
                "Delete current environments too, unless a machine uses them; they are installed anew when needed."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        PrunedEnvironments pruned = context.pyro().get().pruneEnvironments(parsed.matchedOptionValue(ALL, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.pruned(pruned));
        } else {
            EnvironmentLines.pruned(pruned).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
