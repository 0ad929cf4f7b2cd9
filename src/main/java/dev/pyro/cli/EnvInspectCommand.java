package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.EnvironmentArgument;
import dev.pyro.cli.render.EnvironmentLines;
import dev.pyro.model.Environment;
import dev.pyro.payload.EnvironmentPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro env inspect ENVIRONMENT}. */
final class EnvInspectCommand implements CliCommand {
    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public String summary() {
        return "Show what an environment is and where it is installed.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addPositional(EnvironmentArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Environment environment = context.pyro().get().inspectEnvironment(EnvironmentArgument.value(parsed));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.environment(environment));
        } else {
            EnvironmentLines.environment("Environment", environment).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
