package dev.pyro.model;

import java.time.Duration;

/**
 * What is optional in running a command. Immutable; start from {@link #defaults}.
 *
 * @param timeout after which the command and everything that it started is killed, 1 s to one day
 * @param maxKeptBytes how much of each stream the result keeps, 0 to 8 MiB; a listener hears everything
 */
public record ExecVm(Duration timeout, int maxKeptBytes) {
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    public static final int MAX_KEPT_BYTES = 8 * 1024 * 1024;

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public ExecVm {
        Arguments.timeout(timeout);
        Arguments.keptBytes(maxKeptBytes);
    }

    /** Returns a time-out of 30 seconds, and 8 MiB of each stream. */
    public static ExecVm defaults() {
        return new ExecVm(DEFAULT_TIMEOUT, MAX_KEPT_BYTES);
    }

    public ExecVm withTimeout(Duration duration) {
        return new ExecVm(duration, maxKeptBytes);
    }

    public ExecVm withMaxKeptBytes(int bytes) {
        return new ExecVm(timeout, bytes);
    }
}
