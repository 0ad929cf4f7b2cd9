package dev.pyro.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Reads on in a job's output until a test has seen what it waits for. */
public final class JobReader {
    private static final int MAX_KEPT = 4 * ReadJob.MAX_BYTES;

    private final AgentJobs jobs;
    private final Duration bound;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private ReadJob next;

    /** A reader from a job's beginning, which waits no longer than the bound for anything. */
    public JobReader(AgentJobs jobs, JobName job, Duration bound) {
        this.jobs = jobs;
        this.bound = bound;
        next = ReadJob.from(job, 0);
    }

    /** Reads until the text has come, and returns all output that came up to then. */
    public String await(String text) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!text().contains(text)) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("'" + text + "' does not come; what came: " + text());
            }
            Duration patience = Duration.ofNanos(left);
            read(patience.compareTo(ReadJob.MAX_PATIENCE) < 0 ? patience : ReadJob.MAX_PATIENCE);
        }
        return text();
    }

    /** Reads until the job has ended, and returns what it is then. */
    public JobState awaitEnd() {
        long deadline = System.nanoTime() + bound.toNanos();
        JobOutput last = read(Duration.ZERO);
        while (last.state().running() || last.nextCursor() < last.state().end()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(next.job() + " does not end; what came: " + text());
            }
            last = read(Duration.ofSeconds(1));
        }
        return last.state();
    }

    /** Returns the output that came up to now, of a flood only the last; what was dropped before it was read is missing. */
    public String text() {
        return output.toString(StandardCharsets.UTF_8);
    }

    private JobOutput read(Duration patience) {
        JobOutput read = jobs.read(next.withPatience(patience));
        if (output.size() > MAX_KEPT) {
            output.reset();
        }
        output.writeBytes(read.bytes());
        next = new ReadJob(next.job(), read.nextCursor(), read.nextErrorCursor(), ReadJob.MAX_BYTES, Duration.ZERO);
        return read;
    }
}
