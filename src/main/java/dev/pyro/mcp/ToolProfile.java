package dev.pyro.mcp;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How much of Pyro an agent is offered: fewer tools are easier to choose from. */
public enum ToolProfile {
    /** One command in a machine of its own, nothing else. */
    VM_RUN("vm-run"),
    /** Workspaces as an agent needs them every day. */
    WORKSPACE_CORE("workspace-core"),
    /** Everything. */
    WORKSPACE_FULL("workspace-full");

    private final String wireName;

    ToolProfile(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name that options and configurations carry. */
    public String wireName() {
        return wireName;
    }

    /**
     * Returns the profile of this name.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when there is none
     */
    public static ToolProfile of(String name) {
        return Arrays.stream(values())
                .filter(profile -> profile.wireName.equals(name))
                .findFirst()
                .orElseThrow(() -> new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "profile must be one of "
                                + Arrays.stream(values())
                                        .map(ToolProfile::wireName)
                                        .collect(Collectors.joining(", "))
                                + ", not \"" + Arguments.printable(name) + "\""));
    }
}
