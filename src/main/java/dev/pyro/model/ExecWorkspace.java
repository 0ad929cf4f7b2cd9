package dev.pyro.model;

import java.time.Duration;

/**
 * What is optional in running a command in a workspace. Immutable; start from {@link #defaults}.
 *
 * @param timeout after which the command and everything that it started is killed, 1 s to one day
 * @param maxKeptBytes how much of each stream the result keeps, 0 to 8 MiB; a listener hears everything
 */
public record ExecWorkspace(Duration timeout, int maxKeptBytes) {
    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public ExecWorkspace {
        Arguments.timeout(timeout);
        Arguments.keptBytes(maxKeptBytes);
    }

    /** Returns a time-out of 30 seconds, and 8 MiB of each stream. */
    public static ExecWorkspace defaults() {
        return new ExecWorkspace(ExecVm.DEFAULT_TIMEOUT, ExecVm.MAX_KEPT_BYTES);
    }

    public ExecWorkspace withTimeout(Duration duration) {
        return new ExecWorkspace(duration, maxKeptBytes);
    }

    public ExecWorkspace withMaxKeptBytes(int bytes) {
        return new ExecWorkspace(timeout, bytes);
    }
}
