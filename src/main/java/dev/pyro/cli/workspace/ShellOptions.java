package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.UserOption;
import dev.pyro.model.OpenShell;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that say what a new shell is to be. Stateless. */
final class ShellOptions {
    private static final String CWD = "--cwd";
    private static final String TERM = "--term";

    private ShellOptions() {}

    /**
     * Adds them.
     *
     * @param term what holds when no kind of terminal is given, for the description
     */
    static void addTo(CommandSpec spec, String term) {
        spec.addOption(CommonOptions.text(
                CWD,
                "PATH",
                "The directory that it starts in; a relative one is one in /workspace (default: "
                        + OpenShell.defaults().cwd() + ")."));
        spec.addOption(CommonOptions.text(
                TERM, "NAME", "The kind of terminal that programs take it for (default: " + term + ")."));
        spec.addOption(SecretEnvOption.spec());
        spec.addOption(UserOption.spec());
    }

    /** Tells whether any of them was given. */
    static boolean anyOf(ParseResult parsed) {
        return parsed.hasMatchedOption(CWD)
                || parsed.hasMatchedOption(TERM)
                || UserOption.isGiven(parsed)
                || !SecretEnvOption.read(parsed).isEmpty();
    }

    /**
     * Returns what was given.
     *
     * @param term the kind of terminal unless one was given
     */
    static OpenShell read(ParseResult parsed, String term) {
        Map<String, String> secretEnv = SecretEnvOption.read(parsed);
        @Nullable String cwd = parsed.matchedOptionValue(CWD, (String) null);
        OpenShell options = OpenShell.defaults()
                .withTerm(parsed.matchedOptionValue(TERM, term))
                .withSecretEnv(secretEnv)
                .withUser(UserOption.value(parsed));
        return cwd == null ? options : options.withCwd(cwd);
    }
}
