package dev.pyro.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The option {@code --user USER}. Stateless. */
public final class UserOption {
    private static final String USER = "--user";

    private UserOption() {}

    /** The option that says as whom something runs in the guest. */
    public static OptionSpec spec() {
        return CommonOptions.text(
                USER,
                "USER",
                "Run it as this user of the guest: NAME or UID, optionally with :GROUP or :GID (default: the image's user, "
                        + "and root where it names none).");
    }

    /** Tells whether it was given. */
    public static boolean isGiven(ParseResult parsed) {
        return parsed.hasMatchedOption(USER);
    }

    /** Returns what was given, unchecked, or null. */
    public static @Nullable String value(ParseResult parsed) {
        return parsed.matchedOptionValue(USER, (String) null);
    }
}
