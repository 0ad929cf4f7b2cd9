package dev.pyro.model;

import org.jspecify.annotations.Nullable;

/**
 * How much is wanted of what a service wrote. Immutable; start from {@link #defaults}.
 *
 * @param tailLines how many of the last lines of each stream, 0 to {@value #MAX_TAIL_LINES}, or null for all that are kept
 */
public record ReadServiceLogs(@Nullable Integer tailLines) {
    public static final int DEFAULT_TAIL_LINES = 200;
    public static final int MAX_TAIL_LINES = 1_000_000;

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when the number is out of its range. */
    public ReadServiceLogs {
        if (tailLines != null && (tailLines < 0 || tailLines > MAX_TAIL_LINES)) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "tail_lines must be between 0 and " + MAX_TAIL_LINES + ", not " + tailLines);
        }
    }

    /** Returns the last {@value #DEFAULT_TAIL_LINES} lines. */
    public static ReadServiceLogs defaults() {
        return new ReadServiceLogs(DEFAULT_TAIL_LINES);
    }

    public ReadServiceLogs withTailLines(int lines) {
        return new ReadServiceLogs(lines);
    }

    /** All that is kept: the last 1 MiB of each stream. */
    public ReadServiceLogs withAll() {
        return new ReadServiceLogs(null);
    }
}
