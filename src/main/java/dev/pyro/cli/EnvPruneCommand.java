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
    private static final String DRY_RUN = "--dry-run";

    @Override
    public String name() {
        return "prune";
    }

    @Override
    public String summary() {
        return "Delete environments, images, layers and templates that are no longer needed; never what a machine uses.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addOption(CommonOptions.flag(
                ALL,
                "Delete current environments too, unless a machine uses them; they are installed anew when needed, what `env build` made excepted. "
                        + "With them go templates, layers and parts of layers that were fetched within the last hour, and what the tags of "
                        + "images stood for: the next use asks the registry."));
        spec.addOption(
                CommonOptions.flag(DRY_RUN, "Delete nothing; show what would be deleted, and how much that is."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        PrunedEnvironments pruned = context.pyro()
                .get()
                .pruneEnvironments(parsed.matchedOptionValue(ALL, false), parsed.matchedOptionValue(DRY_RUN, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.pruned(pruned));
        } else {
            EnvironmentLines.pruned(pruned).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
