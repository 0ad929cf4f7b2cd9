package dev.pyro.cli.workspace;

import java.nio.file.Path;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The option that says where an export goes. Stateless. */
final class OutputOption {
    private static final String OUTPUT = "--output";

    private OutputOption() {}

    static OptionSpec spec(String description) {
        return OptionSpec.builder(OUTPUT)
                .type(String.class)
                .paramLabel("PATH")
                .required(true)
                .description(description)
                .build();
    }

    static Path value(ParseResult parsed) {
        return HostPath.of(parsed, OUTPUT, parsed.matchedOptionValue(OUTPUT, ""));
    }
}
