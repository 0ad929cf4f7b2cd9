package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CommonOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The option {@code --secret-env SECRET[=ENV_VAR]}. Stateless. */
final class SecretEnvOption {
    private static final String SECRET_ENV = "--secret-env";

    private SecretEnvOption() {}

    static OptionSpec spec() {
        return CommonOptions.repeatable(
                SECRET_ENV,
                "SECRET[=ENV_VAR]",
                "Set a variable to the value of a secret of the workspace; it has the secret's name unless another one "
                        + "is given. May be given several times.");
    }

    /**
     * Returns the variable's name for each secret's name, unchecked.
     *
     * @throws ParameterException when one is empty or has an empty side, or a secret is given twice
     */
    static Map<String, String> read(ParseResult parsed) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String text : parsed.matchedOptionValue(SECRET_ENV, new String[0])) {
            int equals = text.indexOf('=');
            String secret = equals < 0 ? text : text.substring(0, equals);
            String variable = equals < 0 ? text : text.substring(equals + 1);
            // Somebody may have given the value here, which must not be shown.
            if (secret.isEmpty() || variable.isEmpty()) {
                throw error(parsed, SECRET_ENV + " takes SECRET or SECRET=ENV_VAR, neither of them empty");
            }
            if (variables.put(secret, variable) != null) {
                throw error(parsed, SECRET_ENV + " is given twice for one secret: a call sets one variable to it");
            }
        }
        return variables;
    }

    private static ParameterException error(ParseResult parsed, String message) {
        return new ParameterException(parsed.commandSpec().commandLine(), message);
    }
}
