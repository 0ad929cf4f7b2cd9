package dev.pyro.workspace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The secrets of one workspace, with their values. Immutable. */
final class Secrets {
    /** A workspace without secrets. */
    static final Secrets NONE = new Secrets("the workspace", Map.of());

    private final String owner;
    private final Map<String, String> values;
    private final SecretMask mask;

    /**
     * @param owner whose they are, for a message
     * @param values the value of each
     */
    Secrets(String owner, Map<String, String> values) {
        this.owner = owner;
        this.values = new TreeMap<>(values);
        this.mask = SecretMask.of(values.values());
    }

    /** Returns what hides their values. */
    SecretMask mask() {
        return mask;
    }

    /**
     * Returns the variables that a command is to get.
     *
     * @param secretEnv the variable's name for each secret's name
     * @throws PyroException {@link ErrorCode#SECRET_NOT_FOUND}, naming those that there are
     */
    Map<String, String> environment(Map<String, String> secretEnv) {
        Map<String, String> environment = new LinkedHashMap<>();
        secretEnv.forEach((name, variable) -> {
            String value = values.get(name);
            if (value == null) {
                // Who gives the value where the name belongs must not read it here.
                throw mask.failure(notFound(name));
            }
            environment.put(variable, value);
        });
        return environment;
    }

    private PyroException notFound(String name) {
        return new PyroException(
                ErrorCode.SECRET_NOT_FOUND,
                owner + " has no secret " + name + "; it has "
                        + (values.isEmpty()
                                ? "none: secrets are given when a workspace is created"
                                : String.join(", ", values.keySet())));
    }
}
