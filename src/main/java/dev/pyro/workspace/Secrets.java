package dev.pyro.workspace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.Map;

/** The secrets of one workspace, with their values. Immutable. */
final class Secrets {
    /** A workspace without secrets. */
    static final Secrets NONE = new Secrets();

    private Secrets() {}

    /** Returns what hides their values. */
    SecretMask mask() {
        return SecretMask.NONE;
    }

    /**
     * Returns the variables that a command is to get.
     *
     * @param secretEnv the variable's name for each secret's name
     * @throws PyroException {@link ErrorCode#SECRET_NOT_FOUND}, naming those that there are
     */
    Map<String, String> environment(Map<String, String> secretEnv) {
        if (!secretEnv.isEmpty()) {
            throw new PyroException(ErrorCode.SECRET_NOT_FOUND, "the workspace has no secrets");
        }
        return Map.of();
    }
}
