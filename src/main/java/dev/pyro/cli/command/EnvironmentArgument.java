package dev.pyro.cli.command;

import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The positional that names an environment. Stateless. */
public final class EnvironmentArgument {
    private EnvironmentArgument() {}

    /** Returns the positional. */
    public static PositionalParamSpec spec() {
        return Positionals.required(
                0,
                "ENVIRONMENT",
                "An environment of `pyro env list`, or an image: [HOST/]NAME[:TAG][@DIGEST], oci:DIR[:TAG] or "
                        + "docker-archive:FILE.");
    }

    /** Returns what was given. */
    public static String value(ParseResult parsed) {
        return parsed.matchedPositionalValue(0, "");
    }
}
