package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.EnvironmentLines;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.payload.EnvironmentPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro env list}. */
final class EnvListCommand implements CliCommand {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List Pyro's own environments, installed or not, and the images that are installed.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        EnvironmentCatalogue catalogue = context.pyro().get().listEnvironments();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.catalogue(catalogue));
        } else {
            EnvironmentLines.catalogue(catalogue).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
