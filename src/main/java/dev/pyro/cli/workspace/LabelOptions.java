package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CommonOptions;
import dev.pyro.model.Arguments;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The option {@code --label KEY=VALUE}. Stateless. */
final class LabelOptions {
    private static final String LABEL = "--label";

    private LabelOptions() {}

    static OptionSpec spec() {
        return CommonOptions.repeatable(LABEL, "KEY=VALUE", "Set a label; may be given several times.");
    }

    /** @throws ParameterException when one has another form, or a key is given twice */
    static Map<String, String> labels(ParseResult parsed) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : parsed.matchedOptionValue(LABEL, new String[0])) {
            int equals = label.indexOf('=');
            if (equals <= 0) {
                throw error(parsed, LABEL + " takes KEY=VALUE, not \"" + Arguments.printable(label) + "\"");
            }
            String key = label.substring(0, equals);
            if (labels.put(key, label.substring(equals + 1)) != null) {
                throw error(parsed, LABEL + " is given twice for \"" + Arguments.printable(key) + "\"");
            }
        }
        return labels;
    }

    private static ParameterException error(ParseResult parsed, String message) {
        return new ParameterException(parsed.commandSpec().commandLine(), message);
    }
}
