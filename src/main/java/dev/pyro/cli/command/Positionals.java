package dev.pyro.cli.command;

import picocli.CommandLine.Model.PositionalParamSpec;

/** The forms that positional arguments have. Stateless. */
public final class Positionals {
    private Positionals() {}

    /** An argument that must be given. */
    public static PositionalParamSpec required(int index, String label, String description) {
        return builder(index, label, description).required(true).build();
    }

    /** An argument that may be left out; it must be the last. */
    public static PositionalParamSpec optional(int index, String label, String defaultValue, String description) {
        return builder(index, label, description + " (default: " + defaultValue + ").")
                .arity("0..1")
                .required(false)
                .build();
    }

    private static PositionalParamSpec.Builder builder(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(String.valueOf(index))
                .paramLabel(label)
                .type(String.class)
                .description(description);
    }
}
