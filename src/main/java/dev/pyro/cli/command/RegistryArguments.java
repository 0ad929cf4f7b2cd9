package dev.pyro.cli.command;

import dev.pyro.model.RegistryOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options that say how registries are reached. Stateless. */
public final class RegistryArguments {
    private static final String MIRROR = "--registry-mirror";
    private static final String AUTHORITY = "--registry-ca";
    private static final String PLAIN_HTTP = "--plain-http";

    private RegistryArguments() {}

    /** Returns the options. */
    public static List<OptionSpec> specs() {
        return List.of(
                CommonOptions.repeatable(
                        MIRROR,
                        "[HOST=]URL",
                        "Ask this mirror of a registry (of docker.io without HOST) before the registry itself; may be given "
                                + "several times."),
                CommonOptions.repeatable(
                        AUTHORITY, "FILE", "Trust the certificates in this PEM file too; may be given several times."),
                CommonOptions.repeatable(
                        PLAIN_HTTP,
                        "HOST[:PORT]",
                        "Speak to this registry without TLS, as is done on loopback; may be given several times."));
    }

    /** Returns what was given. */
    public static RegistryOptions value(ParseResult parsed) {
        return new RegistryOptions(
                values(parsed, MIRROR),
                values(parsed, AUTHORITY).stream().map(Path::of).toList(),
                values(parsed, PLAIN_HTTP));
    }

    private static List<String> values(ParseResult parsed, String option) {
        return Stream.of(parsed.matchedOptionValue(option, new String[0])).toList();
    }
}
