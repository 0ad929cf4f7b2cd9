package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.regex.Pattern;

/**
 * What a job of the guest's agent is called.
 *
 * @param kind what it is
 * @param name unique among the jobs of its kind: 1 to 64 letters, digits, {@code .}, {@code _} and {@code -}
 */
public record JobName(JobKind kind, String name) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public JobName {
        if (!NAME.matcher(name).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "'" + name + "' is no name for a job: 1 to 64 letters, digits, \".\", \"_\" and \"-\"");
        }
    }

    /** Returns the shell of this name. */
    public static JobName shell(String name) {
        return new JobName(JobKind.SHELL, name);
    }

    /** Returns the service of this name. */
    public static JobName service(String name) {
        return new JobName(JobKind.SERVICE, name);
    }

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    @Override
    public String toString() {
        return switch (kind) {
            case SHELL -> "shell " + name;
            case SERVICE -> "service " + name;
        };
    }
}
