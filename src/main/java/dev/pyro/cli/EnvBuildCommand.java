package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.command.RegistryArguments;
import dev.pyro.cli.render.EnvironmentLines;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.model.Arguments;
import dev.pyro.model.BuildEnvironment;
import dev.pyro.model.Environment;
import dev.pyro.payload.EnvironmentPayloads;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro env build DIR}: makes an environment from a Dockerfile. */
final class EnvBuildCommand implements CliCommand {
    private static final String FILE = "-f";
    private static final String NAME = "-t";
    private static final String ARGUMENT = "--build-arg";

    @Override
    public String name() {
        return "build";
    }

    @Override
    public String summary() {
        return "Make an environment from a Dockerfile, with this host's buildah.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addOption(
                text(FILE, "--file", "FILE", "The Dockerfile (default: DIR/Dockerfile, else DIR/Containerfile)."));
        spec.addOption(text(NAME, "--tag", "NAME", "The environment's name (default: that of the folder)."));
        spec.addOption(CommonOptions.repeatable(
                ARGUMENT, "KEY=VALUE", "Give an ARG of the Dockerfile its value; may be given several times."));
        spec.addPositional(Positionals.required(0, "DIR", "The folder that the Dockerfile copies from."));
        RegistryArguments.specs().forEach(spec::addOption);
        spec.addOption(CommonOptions.json());
    }

    private static OptionSpec text(String name, String longName, String label, String description) {
        return OptionSpec.builder(name, longName)
                .type(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        String file = parsed.matchedOptionValue(FILE, (String) null);
        BuildEnvironment options = BuildEnvironment.defaults()
                .withFile(file == null ? null : path(parsed, FILE, file))
                .withName(name(parsed))
                .withArguments(arguments(parsed))
                .withRegistries(RegistryArguments.value(parsed));
        ProgressLines progress = new ProgressLines(context.terminal());
        Environment built = context.pyro()
                .get()
                .buildEnvironment(path(parsed, "DIR", parsed.matchedPositionalValue(0, "")), options, progress);
        progress.clearBar();
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(EnvironmentPayloads.environment(built));
        } else {
            EnvironmentLines.environment("Built", built).forEach(context.terminal()::outLine);
        }
        return 0;
    }

    private static @Nullable String name(ParseResult parsed) {
        return parsed.matchedOptionValue(NAME, (String) null);
    }

    private static Path path(ParseResult parsed, String argument, String value) {
        if (value.isEmpty()) {
            throw new ParameterException(parsed.commandSpec().commandLine(), argument + " is empty; give a path");
        }
        return Path.of(value);
    }

    private static Map<String, String> arguments(ParseResult parsed) {
        Map<String, String> arguments = new LinkedHashMap<>();
        for (String argument : parsed.matchedOptionValue(ARGUMENT, new String[0])) {
            int equals = argument.indexOf('=');
            if (equals <= 0) {
                throw new ParameterException(
                        parsed.commandSpec().commandLine(),
                        ARGUMENT + " takes KEY=VALUE, not \"" + Arguments.printable(argument) + "\"");
            }
            arguments.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return arguments;
    }
}
