package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;

/**
 * Which of a job's output is wanted. Immutable.
 *
 * @param job its name
 * @param cursor how many bytes of the first stream the reader has had
 * @param errorCursor the same for a service's standard error; 0 for a shell
 * @param maxBytes the most bytes of each stream, 1 to {@link #MAX_BYTES}
 * @param patience how long to wait for output when there is none, zero to {@link #MAX_PATIENCE}
 */
public record ReadJob(JobName job, long cursor, long errorCursor, int maxBytes, Duration patience) {
    /** How much of a stream the agent keeps. */
    public static final int MAX_BYTES = 1024 * 1024;

    public static final Duration MAX_PATIENCE = Duration.ofMinutes(1);

    public ReadJob {
        if (cursor < 0 || errorCursor < 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "a cursor of " + job + " is negative");
        }
        if (job.kind() == JobKind.SHELL && errorCursor != 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, job + " has no stream of errors");
        }
        if (maxBytes < 1 || maxBytes > MAX_BYTES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "a read of " + maxBytes + " bytes, not 1 to " + MAX_BYTES);
        }
        if (patience.isNegative() || patience.compareTo(MAX_PATIENCE) > 0) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a read that waits " + patience.toMillis() + " ms, not 0 to " + MAX_PATIENCE.toMillis());
        }
    }

    /** Returns a read of a job's first stream, or of both from their beginnings, that does not wait. */
    public static ReadJob from(JobName job, long cursor) {
        return new ReadJob(job, cursor, 0, MAX_BYTES, Duration.ZERO);
    }

    public ReadJob withErrorCursor(long other) {
        return new ReadJob(job, cursor, other, maxBytes, patience);
    }

    public ReadJob withMaxBytes(int other) {
        return new ReadJob(job, cursor, errorCursor, other, patience);
    }

    public ReadJob withPatience(Duration other) {
        return new ReadJob(job, cursor, errorCursor, maxBytes, other);
    }
}
