package dev.pyro.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in running a command. Immutable; start from {@link #defaults}.
 *
 * @param timeout after which the command and everything that it started is killed, 1 s to one day
 * @param maxKeptBytes how much of each stream the result keeps, 0 to 8 MiB; a listener hears everything
 * @param user as whom it runs, {@code NAME|UID[:GROUP|GID]} of the guest, or null for the image's user, root where it has none
 */
public record ExecVm(
        Duration timeout, int maxKeptBytes, @Nullable String user) {
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    public static final int MAX_KEPT_BYTES = 8 * 1024 * 1024;

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public ExecVm {
        Arguments.timeout(timeout);
        Arguments.keptBytes(maxKeptBytes);
        Arguments.user(user);
    }

    /** Returns a time-out of 30 seconds, and 8 MiB of each stream, as the image's user. */
    public static ExecVm defaults() {
        return new ExecVm(DEFAULT_TIMEOUT, MAX_KEPT_BYTES, null);
    }

    public ExecVm withTimeout(Duration duration) {
        return new ExecVm(duration, maxKeptBytes, user);
    }

    public ExecVm withMaxKeptBytes(int bytes) {
        return new ExecVm(timeout, bytes, user);
    }

    /** Runs it as another user of the guest; null for the image's own. */
    public ExecVm withUser(@Nullable String name) {
        return new ExecVm(timeout, maxKeptBytes, name);
    }
}
