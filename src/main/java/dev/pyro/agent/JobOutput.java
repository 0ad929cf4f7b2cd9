package dev.pyro.agent;

/** What was read of a job's output. The arrays belong to whoever asked; for one thread at a time. */
public final class JobOutput {
    private final long cursor;
    private final byte[] bytes;
    private final long errorCursor;
    private final byte[] errorBytes;
    private final JobState state;

    JobOutput(long cursor, byte[] bytes, long errorCursor, byte[] errorBytes, JobState state) {
        this.cursor = cursor;
        this.bytes = bytes;
        this.errorCursor = errorCursor;
        this.errorBytes = errorBytes;
        this.state = state;
    }

    /** Returns the cursor of the first byte; later than the one that was asked for when older output was dropped. */
    public long cursor() {
        return cursor;
    }

    /** Returns what the first stream holds from there on. */
    public byte[] bytes() {
        return bytes;
    }

    /** Returns the cursor at which the next read goes on. */
    public long nextCursor() {
        return cursor + bytes.length;
    }

    /** Returns the cursor of the first byte of a service's standard error. */
    public long errorCursor() {
        return errorCursor;
    }

    /** Returns what a service's standard error holds from there on; empty for a shell. */
    public byte[] errorBytes() {
        return errorBytes;
    }

    /** Returns the cursor at which the next read of standard error goes on. */
    public long nextErrorCursor() {
        return errorCursor + errorBytes.length;
    }

    /** Returns what the job is now. */
    public JobState state() {
        return state;
    }
}
