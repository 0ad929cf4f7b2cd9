package dev.pyro.cli;

import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The positional that names an environment. */
final class EnvironmentArgument {
    private EnvironmentArgument() {}

    static PositionalParamSpec spec() {
        return PositionalParamSpec.builder()
                .index("0")
                .paramLabel("ENVIRONMENT")
                .type(String.class)
                .required(true)
                .description("An environment; `pyro env list` shows them.")
                .build();
    }

    static String value(ParseResult parsed) {
        return parsed.matchedPositionalValue(0, "");
    }
}
