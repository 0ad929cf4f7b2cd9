package dev.pyro.agent;

import dev.pyro.agent.Watchdog.Bound;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a guest: shells and services, which outlive the connection that started them. A part of {@link AgentClient}, with its rules for
 * threads and failures; an unknown job is an {@link AgentRefusal} for the reason NOT_FOUND, a name that is taken one for EXISTS, and what takes a running
 * shell refuses one that has ended for WRONG_STATE.
 */
public final class AgentJobs {
    /** How many jobs of one kind a guest has at most. */
    public static final int MAX_JOBS = 32;

    /** The longest time between asking a job to end and killing it. */
    public static final Duration MAX_GRACE = Duration.ofSeconds(30);

    private static final int TAG_KIND = 1;
    private static final int TAG_NAME = 2;
    private static final int TAG_COLUMNS = 6;
    private static final int TAG_ROWS = 7;

    private final AgentConnection connection;

    AgentJobs(AgentConnection connection) {
        this.connection = connection;
    }

    /** Starts a job. */
    public JobState start(StartJob start) {
        return connection.call(
                "start of " + start.job(),
                Wire.JOB_START,
                out -> {
                    named(start.job(), out);
                    if (start.command() != null) {
                        out.string(3, start.command());
                    }
                    out.string(4, start.directory());
                    start.environment().forEach((name, value) -> out.string(5, name + "=" + value));
                    if (start.size() != null) {
                        sized(start.size(), out);
                    }
                    start.options().encode(8, out);
                },
                this::state);
    }

    /** Returns the jobs of a kind in the order in which they were started. */
    public List<NamedJob> list(JobKind kind) {
        return list(kind, null);
    }

    /** Returns what one job is now. */
    public JobState state(JobName job) {
        return list(job.kind(), job.name()).getFirst().state();
    }

    private List<NamedJob> list(JobKind kind, @Nullable String name) {
        return connection.call(
                name == null ? "list of jobs" : "state of " + new JobName(kind, name),
                Wire.JOB_LIST,
                out -> {
                    out.u8(TAG_KIND, kind.code());
                    if (name != null) {
                        out.string(TAG_NAME, name);
                    }
                },
                () -> {
                    List<NamedJob> jobs = new ArrayList<>();
                    FrameType type = connection.next();
                    while (type == FrameType.DATA_OUT && jobs.size() < MAX_JOBS) {
                        jobs.add(job(kind, Fields.of(connection.reader().payload())));
                        type = connection.next();
                    }
                    if (type != FrameType.RESULT) {
                        throw connection.unexpected(type);
                    }
                    long count = Fields.of(connection.reader().payload()).u32(1);
                    if (count != jobs.size() || !isAnswer(jobs, name)) {
                        throw new ProtocolViolation("a list of other jobs than it says");
                    }
                    return jobs;
                });
    }

    /** Whether these can be the jobs of this name, or all of a kind. */
    private static boolean isAnswer(List<NamedJob> jobs, @Nullable String name) {
        List<String> names = jobs.stream().map(job -> job.job().name()).toList();
        return name == null ? names.stream().distinct().count() == names.size() : names.equals(List.of(name));
    }

    private static NamedJob job(JobKind kind, Fields fields) throws ProtocolViolation {
        String name = fields.text(TAG_NAME);
        if (!JobName.isName(name)) {
            throw new ProtocolViolation("a job with a name that none can have");
        }
        return new NamedJob(new JobName(kind, name), JobState.of(fields));
    }

    /**
     * Reads output that the agent has kept.
     *
     * @throws PyroException {@link ErrorCode#GUEST_ERROR} for the reason BAD_REQUEST when a cursor lies beyond the end
     */
    public JobOutput read(ReadJob read) {
        return connection.call(
                "read of " + read.job(),
                Wire.JOB_READ,
                out -> {
                    named(read.job(), out);
                    out.u64(3, read.cursor());
                    if (read.job().kind() == JobKind.SERVICE) {
                        out.u64(4, read.errorCursor());
                    }
                    out.u32(5, read.maxBytes()).u32(6, read.patience().toMillis());
                },
                () -> {
                    allow(read.patience());
                    Pieces output = new Pieces(read.maxBytes());
                    Pieces errors = new Pieces(read.job().kind() == JobKind.SERVICE ? read.maxBytes() : 0);
                    FrameType type = connection.next();
                    while (type == FrameType.STDOUT || type == FrameType.STDERR) {
                        (type == FrameType.STDOUT ? output : errors)
                                .add(connection.reader().payload());
                        type = connection.next();
                    }
                    if (type != FrameType.RESULT) {
                        throw connection.unexpected(type);
                    }
                    Fields fields = Fields.of(connection.reader().payload());
                    JobOutput result = new JobOutput(
                            fields.u64(1), output.joined(), fields.u64(2), errors.joined(), JobState.of(fields));
                    requireConsistent(read, result);
                    return result;
                });
    }

    /** A guest that moved a cursor back, or past the end, could make a reader go round for ever. */
    private static void requireConsistent(ReadJob read, JobOutput output) throws ProtocolViolation {
        // Written so that no sum overflows.
        if (output.cursor() < read.cursor()
                || output.cursor() > output.state().end() - output.bytes().length
                || output.errorCursor() < read.errorCursor()
                || output.errorCursor() > output.state().errorEnd() - output.errorBytes().length) {
            throw new ProtocolViolation("output of a job from another place than was asked for");
        }
    }

    /** Types into a shell. It takes ten seconds and more when the shell does not take it. */
    public WrittenInput write(JobName shell, byte[] input) {
        return connection.call("write to " + shell, Wire.JOB_WRITE, out -> named(shell, out), () -> {
            InputPump pump = new InputPump(
                    connection,
                    new ByteArrayInputStream(input),
                    "the input",
                    connection.timeouts().stall());
            WrittenInput written = AgentClient.withInput(pump, () -> {
                Fields fields = connection.result();
                return new WrittenInput(fields.u64(1), JobState.of(fields));
            });
            if (written.bytes() > input.length) {
                throw new ProtocolViolation("more input than there was");
            }
            return written;
        });
    }

    /** Gives a shell's terminal another size. */
    public JobState resize(JobName shell, TerminalSize size) {
        return connection.call(
                "resize of " + shell,
                Wire.JOB_RESIZE,
                out -> {
                    named(shell, out);
                    sized(size, out);
                },
                this::state);
    }

    /** Sends a signal to what runs in the foreground of a shell's terminal. */
    public JobState signal(JobName shell, TerminalSignal signal) {
        return connection.call(
                "signal to " + shell,
                Wire.JOB_SIGNAL,
                out -> {
                    named(shell, out);
                    out.u8(3, signal.number());
                },
                this::state);
    }

    /**
     * Ends a job with all that it started, first asking it to, and returns when nothing of it is left.
     *
     * @param grace between asking and killing, at most {@link #MAX_GRACE}
     * @param forget whether the agent drops the job and its output then
     */
    public JobState stop(JobName job, Duration grace, boolean forget) {
        requireGrace(grace);
        return connection.call(
                "stop of " + job,
                Wire.JOB_STOP,
                out -> {
                    named(job, out);
                    out.u32(3, grace.toMillis()).flag(4, forget);
                },
                () -> {
                    allow(grace);
                    JobState state = state();
                    if (state.running()) {
                        throw new ProtocolViolation("a job that was stopped and runs");
                    }
                    return state;
                });
    }

    /** Ends every job of a kind likewise, all at once. */
    public void stopAll(JobKind kind, Duration grace, boolean forget) {
        requireGrace(grace);
        connection.call(
                "stop of all jobs",
                Wire.JOB_STOP,
                out -> out.u8(TAG_KIND, kind.code()).u32(3, grace.toMillis()).flag(4, forget),
                () -> {
                    allow(grace);
                    return connection.result();
                });
    }

    private static void requireGrace(Duration grace) {
        if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a job cannot be given " + grace.toMillis() + " ms to end, but 0 to " + MAX_GRACE.toMillis());
        }
    }

    /** Waits until a service is ready, has ended, or the probe's time-out is over. */
    public ProbeResult probe(JobName service, JobProbe probe) {
        return connection.call(
                "probe of " + service,
                Wire.JOB_PROBE,
                out -> {
                    named(service, out);
                    out.u8(3, probe.kind().code())
                            .string(4, probe.target())
                            .u32(5, probe.interval().toMillis())
                            .u32(6, probe.timeout().toMillis());
                },
                () -> {
                    allow(probe.timeout());
                    Fields fields = connection.result();
                    ProbeResult result = new ProbeResult(
                            ProbeResult.Outcome.of(fields.u8(1)), JobState.instant(fields.u64(2)), JobState.of(fields));
                    if (result.outcome() == ProbeResult.Outcome.ENDED
                            && result.state().running()) {
                        throw new ProtocolViolation("a service that has ended and runs");
                    }
                    return result;
                });
    }

    /** The guest may be silent for so long beyond its usual bound. */
    private void allow(Duration silence) {
        connection.watchdog().arm(Bound.STALL, connection.timeouts().reply().plus(silence));
    }

    private JobState state() throws IOException, AgentRefusal {
        return JobState.of(connection.result());
    }

    private static void named(JobName job, FieldWriter out) {
        out.u8(TAG_KIND, job.kind().code()).string(TAG_NAME, job.name());
    }

    private static void sized(TerminalSize size, FieldWriter out) {
        out.u16(TAG_COLUMNS, size.columns()).u16(TAG_ROWS, size.rows());
    }

    /** Bytes that come in parts, no more of them than were asked for. */
    private static final class Pieces {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int most;

        Pieces(int most) {
            this.most = most;
        }

        void add(ByteBuffer piece) throws ProtocolViolation {
            if (piece.remaining() > most - bytes.size()) {
                throw new ProtocolViolation("more than the " + most + " bytes that were asked for");
            }
            byte[] part = new byte[piece.remaining()];
            piece.get(part);
            bytes.writeBytes(part);
        }

        byte[] joined() {
            return bytes.toByteArray();
        }
    }
}
