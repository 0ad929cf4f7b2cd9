package dev.pyro.model;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in running a command in a workspace. Immutable; start from {@link #defaults}.
 *
 * @param timeout after which the command and everything that it started is killed, 1 s to one day
 * @param maxKeptBytes how much of each stream the result keeps, 0 to 8 MiB; a listener hears everything
 * @param secretEnv the secrets that the command gets as variables: the variable's name for each secret's name
 * @param user as whom it runs, {@code NAME|UID[:GROUP|GID]} of the guest, or null for the image's user, root where it has none
 */
public record ExecWorkspace(
        Duration timeout,
        int maxKeptBytes,
        Map<String, String> secretEnv,
        @Nullable String user) {
    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public ExecWorkspace {
        Arguments.timeout(timeout);
        Arguments.keptBytes(maxKeptBytes);
        secretEnv = Arguments.secretEnv(secretEnv);
        Arguments.user(user);
    }

    /** Returns a time-out of 30 seconds, 8 MiB of each stream, and no secret, as the image's user. */
    public static ExecWorkspace defaults() {
        return new ExecWorkspace(ExecVm.DEFAULT_TIMEOUT, ExecVm.MAX_KEPT_BYTES, Map.of(), null);
    }

    public ExecWorkspace withTimeout(Duration duration) {
        return new ExecWorkspace(duration, maxKeptBytes, secretEnv, user);
    }

    public ExecWorkspace withMaxKeptBytes(int bytes) {
        return new ExecWorkspace(timeout, bytes, secretEnv, user);
    }

    public ExecWorkspace withSecretEnv(Map<String, String> variables) {
        return new ExecWorkspace(timeout, maxKeptBytes, variables, user);
    }

    /** Runs it as another user of the guest; null for the image's own. */
    public ExecWorkspace withUser(@Nullable String name) {
        return new ExecWorkspace(timeout, maxKeptBytes, secretEnv, name);
    }
}
