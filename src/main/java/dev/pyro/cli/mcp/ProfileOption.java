package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CommonOptions;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.model.PyroException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The option that chooses a profile. Stateless. */
final class ProfileOption {
    static final String NAME = "--profile";

    private static final ToolProfile DEFAULT = ToolProfile.WORKSPACE_FULL;

    private ProfileOption() {}

    /** @param description what it chooses; the choices follow */
    static OptionSpec spec(String description) {
        return CommonOptions.text(
                NAME,
                "PROFILE",
                description + ": `vm-run`, `workspace-core` or `workspace-full` (default: " + DEFAULT.wireName()
                        + ").");
    }

    /** Returns the profile chosen, or the default. */
    static ToolProfile of(ParseResult parsed) {
        try {
            return ToolProfile.of(parsed.matchedOptionValue(NAME, DEFAULT.wireName()));
        } catch (PyroException e) {
            throw new ParameterException(parsed.commandSpec().commandLine(), "--" + e.getMessage(), e);
        }
    }
}
