package dev.pyro.cli.command;

import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The option that nearly every command has, and the forms that options have. Stateless. */
public final class CommonOptions {
    private static final String JSON = "--json";

    private CommonOptions() {}

    /** The option that asks for one JSON document on standard output. */
    public static OptionSpec json() {
        return flag(JSON, "Print one JSON document on standard output.");
    }

    /** Tells whether one JSON document was asked for. */
    public static boolean isJson(ParseResult parsed) {
        return parsed.commandSpec().findOption(JSON) != null && parsed.hasMatchedOption(JSON);
    }

    /** An option without a value. */
    public static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .description(description)
                .build();
    }

    /** An option whose value is a text. */
    public static OptionSpec text(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** An option whose value is a whole number. */
    public static OptionSpec number(String name, long defaultValue, String description) {
        return OptionSpec.builder(name)
                .type(int.class)
                .paramLabel("N")
                .description(description + " (default: " + defaultValue + ").")
                .build();
    }

    /** An option that may be given several times. */
    public static OptionSpec repeatable(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(String[].class)
                .paramLabel(label)
                .description(description)
                .build();
    }
}
