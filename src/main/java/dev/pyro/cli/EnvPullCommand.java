package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.EnvironmentArgument;
import dev.pyro.cli.command.RegistryArguments;
import dev.pyro.cli.render.EnvironmentLines;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.model.Environment;
import dev.pyro.payload.EnvironmentPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro env pull ENVIRONMENT}: installs an environment. */
final class EnvPullCommand implements CliCommand {
    @Override
    public String name() {
        return "pull";
    }

    @Override
    public String summary() {
        return "Install an environment, or bring it up to date; asks again what an image's reference stands for.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addPositional(EnvironmentArgument.spec());
        RegistryArguments.specs().forEach(spec::addOption);
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ProgressLines progress = new ProgressLines(context.terminal());
        Environment environment = context.pyro()
                .get()
                .pullEnvironment(EnvironmentArgument.value(parsed), RegistryArguments.value(parsed), progress);
        progress.clearBar();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.environment(environment));
        } else {
            EnvironmentLines.environment("Pulled", environment).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
