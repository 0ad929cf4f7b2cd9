package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.model.PyroException;
import dev.pyro.model.Secret;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The options {@code --secret NAME=VALUE} and {@code --secret-file NAME=PATH}. No message shows what was given for a value. Stateless. */
final class SecretOptions {
    private static final String LITERAL = "--secret";
    private static final String FILE = "--secret-file";
    private static final String STANDARD_INPUT = "-";

    private SecretOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(CommonOptions.repeatable(
                LITERAL,
                "NAME=VALUE",
                "A secret that commands may get as a variable (--secret-env) and that no output shows; may be given several "
                        + "times. While this command runs, the host's process list shows it."));
        spec.addOption(CommonOptions.repeatable(
                FILE,
                "NAME=PATH",
                "The same with the value in a file of this host, which no process list shows; `-` is standard input."));
    }

    /**
     * Returns the secrets that were given, with their values.
     *
     * @throws ParameterException when one has another form, or a name or standard input is given twice
     * @throws PyroException when a name or value is none, or a file cannot be read
     */
    static List<Secret> read(ParseResult parsed, CliContext context) {
        List<Given> given = new ArrayList<>();
        for (String option : List.of(LITERAL, FILE)) {
            for (String text : parsed.matchedOptionValue(option, new String[0])) {
                given.add(Given.of(parsed, option, text));
            }
        }
        Set<String> names = new HashSet<>();
        for (Given secret : given) {
            if (!names.add(secret.name)) {
                throw error(parsed, "one name is given to two secrets with " + LITERAL + " or " + FILE);
            }
        }
        if (given.stream().filter(Given::isStandardInput).count() > 1) {
            throw error(parsed, FILE + ": standard input can be the value of one secret only");
        }
        return given.stream().map(secret -> secret.read(parsed, context)).toList();
    }

    private static ParameterException error(ParseResult parsed, String message) {
        return new ParameterException(parsed.commandSpec().commandLine(), message);
    }

    /** The two sides of one option. */
    private record Given(String option, String name, String text) {
        static Given of(ParseResult parsed, String option, String text) {
            int equals = text.indexOf('=');
            if (equals <= 0 || equals == text.length() - 1) {
                throw error(
                        parsed,
                        option + " takes " + (option.equals(FILE) ? "NAME=PATH" : "NAME=VALUE")
                                + ", neither of them empty; what was given is not shown here");
            }
            return new Given(option, text.substring(0, equals), text.substring(equals + 1));
        }

        boolean isStandardInput() {
            return option.equals(FILE) && text.equals(STANDARD_INPUT);
        }

        Secret read(ParseResult parsed, CliContext context) {
            if (option.equals(LITERAL)) {
                return Secret.literal(name, text);
            }
            return isStandardInput()
                    ? Secret.stream(name, "standard input", context.input())
                    : Secret.file(name, HostPath.of(parsed, FILE, text));
        }

        @Override
        public String toString() {
            return option;
        }
    }
}
