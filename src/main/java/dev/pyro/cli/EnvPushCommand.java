package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.EnvironmentArgument;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.command.RegistryArguments;
import dev.pyro.cli.render.EnvironmentLines;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.model.PushedEnvironment;
import dev.pyro.payload.EnvironmentPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro env push ENVIRONMENT REFERENCE}: puts an environment into a registry. */
final class EnvPushCommand implements CliCommand {
    @Override
    public String name() {
        return "push";
    }

    @Override
    public String summary() {
        return "Put an installed environment into a registry, as an ordinary image.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addPositional(EnvironmentArgument.spec());
        spec.addPositional(
                Positionals.required(1, "REFERENCE", "Where to: HOST[:PORT]/PATH[:TAG]; without a tag it is latest."));
        RegistryArguments.specs().forEach(spec::addOption);
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ProgressLines progress = new ProgressLines(context.terminal());
        PushedEnvironment pushed = context.pyro()
                .get()
                .pushEnvironment(
                        EnvironmentArgument.value(parsed),
                        parsed.matchedPositionalValue(1, ""),
                        RegistryArguments.value(parsed),
                        progress);
        progress.clearBar();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.pushed(pushed));
        } else {
            EnvironmentLines.pushed(pushed).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
