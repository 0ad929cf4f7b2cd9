package dev.pyro.agent;

import dev.pyro.agent.Watchdog.Bound;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostEntropy;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a guest agent: one request at a time. Work on several things needs several connections.
 *
 * <p>Not safe for use by several threads, but for {@link #close}, which ends a request under way. The agent ends at once whatever runs
 * for a connection that is closed.
 *
 * <p>Nothing from the guest is trusted. Every method throws {@link PyroException}: {@link ErrorCode#GUEST_ERROR} when the agent refuses,
 * with an {@link AgentRefusal} as the cause, or {@link ErrorCode#GUEST_USER_UNKNOWN} for a user that it does not have; the connection stays usable. Everything else closes it: {@link ErrorCode#GUEST_PROTOCOL} for
 * bytes that the protocol does not allow, {@link ErrorCode#GUEST_TIMEOUT} when a bound is over, {@link ErrorCode#MACHINE_DIED} when
 * the stream ends, {@link ErrorCode#INTERRUPTED} when the calling thread is interrupted or the connection closed, {@link
 * ErrorCode#STORAGE_UNUSABLE} when a stream or sink of the caller fails.
 */
public final class AgentClient implements AutoCloseable {
    private static final int ENTROPY_BYTES = 256;
    private static final int MAX_EXIT_CODE = 255;
    private static final int MAX_SIGNAL = 64;
    /** What an archive may have beyond its content: headers and padding of many small files. */
    private static final long MAX_ARCHIVE_OVERHEAD = 4L * 1024 * 1024 * 1024;

    private final AgentConnection connection;
    private final AgentTimeouts timeouts;

    private AgentClient(AgentConnection connection) {
        this.connection = connection;
        timeouts = connection.timeouts();
    }

    /**
     * Opens streams until the agent answers on one: it may still be booting, and a stream may begin with the rest of another session.
     *
     * @param machine the machine's id, for messages
     * @param opener opens a stream to the agent; what it throws but {@link IOException} ends the attempts
     * @param bound how long all of it may take
     * @throws PyroException {@link ErrorCode#GUEST_TIMEOUT} when the agent does not answer within the bound, {@link
     *     ErrorCode#GUEST_PROTOCOL} when it sends garbage or speaks another version
     */
    public static AgentClient connect(String machine, ChannelOpener opener, Duration bound) {
        return connect(machine, opener, bound, AgentTimeouts.STANDARD);
    }

    static AgentClient connect(String machine, ChannelOpener opener, Duration bound, AgentTimeouts timeouts) {
        return new AgentClient(new AgentHandshake(machine, opener, bound, timeouts).run());
    }

    /** Gives the guest its clock, fresh entropy and what else the request says; the first thing to do with a machine. */
    public ConfigureResult configure(ConfigureRequest request) {
        byte[] entropy = HostEntropy.draw(ENTROPY_BYTES);
        return connection.call("configure", Wire.CONFIGURE, out -> encode(request, entropy, out), () -> {
            Fields fields = connection.result();
            return new ConfigureResult(fields.text(1), fields.text(2), Duration.ofNanos(fields.u64(3)), fields.flag(4));
        });
    }

    private static void encode(ConfigureRequest request, byte[] entropy, FieldWriter out) {
        Instant now = Instant.now();
        out.u64(1, TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
        out.bytes(2, entropy);
        optional(3, request.hostname(), out);
        optional(4, request.machineId(), out);
        out.flag(5, request.lease());
        if (request.idleBound() != null) {
            out.u32(6, request.idleBound().toSeconds());
        }
        request.cards().forEach(card -> out.bytes(7, card.encode()));
        request.resolverLines().forEach(line -> out.string(8, line));
        optional(9, request.workspaceMount(), out);
    }

    /** Runs a command and passes its output on as it comes. Waits for its end, as long as its own time-out allows. */
    public ExecOutcome exec(ExecRequest request, ExecOutput output) {
        return connection.call("exec", Wire.EXEC, out -> encode(request, out), () -> {
            connection.watchdog().disarm(Bound.STALL);
            if (request.timeout() != null) {
                connection.watchdog().arm(Bound.REQUEST, request.timeout().plus(timeouts.execGrace()));
            }
            InputStream input = request.input();
            if (input == null) {
                return awaitOutcome(output);
            }
            return withInput(
                    new InputPump(connection, input, "the command's standard input", null), () -> awaitOutcome(output));
        });
    }

    private static void encode(ExecRequest request, FieldWriter out) {
        out.string(1, request.command());
        optional(2, request.directory(), out);
        request.environment().forEach((name, value) -> out.string(3, name + "=" + value));
        if (request.timeout() != null) {
            out.u32(4, request.timeout().toMillis());
        }
        out.flag(5, request.input() != null).flag(9, request.directoryMade());
        request.options().encode(6, out);
    }

    private ExecOutcome awaitOutcome(ExecOutput output) throws IOException, AgentRefusal {
        while (true) {
            FrameType type = connection.next();
            switch (type) {
                case STDOUT -> connection.deliver(output.stdout());
                case STDERR -> connection.deliver(output.stderr());
                case RESULT -> {
                    Fields fields = Fields.of(connection.reader().payload());
                    int exitCode = fields.i32(1);
                    long signal = fields.u32(4);
                    if (exitCode < 0 || exitCode > MAX_EXIT_CODE || signal > MAX_SIGNAL) {
                        throw new ProtocolViolation("the exit code " + exitCode + " with signal " + signal);
                    }
                    return new ExecOutcome(exitCode, fields.flag(2), Duration.ofNanos(fields.u64(3)), (int) signal);
                }
                default -> throw connection.unexpected(type);
            }
        }
    }

    /** Lists a tree and hands over each entry as it comes. */
    public WalkResult walk(WalkRequest request, Consumer<WalkEntry> entries) {
        Duration stall = request.digests() ? timeouts.digestStall() : timeouts.stall();
        return connection.call(
                "walk of " + request.location(),
                Wire.WALK,
                out -> out.location(request.location())
                        .u32(3, request.depth())
                        .flag(4, request.digests())
                        .u32(5, request.maxEntries()),
                () -> {
                    WalkDecoder decoder = new WalkDecoder(request);
                    Fields fields = stream(FrameType.ENTRIES, stall, payload -> decoder.decode(payload, entries));
                    if (fields.u64(1) != decoder.count()) {
                        throw new ProtocolViolation("a walk with another number of entries than it says");
                    }
                    return new WalkResult(decoder.count(), fields.flag(2));
                });
    }

    /** Reads a part of a regular file. */
    public ReadResult read(GuestLocation file, long offset, long maxBytes, ByteSink sink) {
        if (offset < 0 || maxBytes < 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the offset or the bound of a read is negative");
        }
        return connection.call(
                "read of " + file,
                Wire.READ,
                out -> out.location(file).u64(3, offset).u64(4, maxBytes),
                () -> {
                    long[] total = new long[1];
                    Fields fields = data(sink, maxBytes, total);
                    if (fields.u64(2) != total[0]) {
                        throw new ProtocolViolation("another number of bytes than it says");
                    }
                    return new ReadResult(fields.u64(1), total[0]);
                });
    }

    /** Writes a file whole. The stream is read on another thread and not closed. */
    public WriteResult write(WriteRequest request, InputStream content) {
        return connection.call(
                "write of " + request.location(),
                Wire.WRITE,
                out -> out.location(request.location()).u32(3, request.mode()).flag(4, request.createParents()),
                () -> upload(content, fields -> new WriteResult(fields.u64(1), fields.flag(2))));
    }

    /** Unpacks a tar archive. The stream is read on another thread and not closed. */
    public ImportResult importTree(ImportRequest request, InputStream archive) {
        return connection.call(
                "import to " + request.location(),
                Wire.IMPORT,
                out -> out.location(request.location())
                        .u64(3, request.maxEntries())
                        .u64(4, request.maxBytes())
                        .flag(5, request.staged())
                        .flag(6, request.createDirectory()),
                () -> upload(archive, fields -> new ImportResult(fields.u64(1), fields.u64(2))));
    }

    /** Makes a batch of changes to files, all of them or none. Contents are read on another thread. */
    public ChangeResult change(ChangeRequest request) {
        try (ChangeStream records = new ChangeStream(request.changes())) {
            return connection.call(
                    "change of " + request.location(),
                    Wire.CHANGE,
                    out -> out.location(request.location()).u64(3, request.maxBytes()),
                    () -> upload(records, fields -> new ChangeResult(fields.u64(1), fields.u64(2))));
        } catch (IOException e) {
            throw new PyroException(ErrorCode.STORAGE_UNUSABLE, "cannot close the content of a change", e);
        }
    }

    /**
     * Makes the workspace stand still: whoever writes to it waits. It goes on with {@link #thaw}, when this connection ends, and after the
     * bound, whatever happens here. Nothing but {@link #thaw} should be asked of this connection meanwhile.
     *
     * @param mountPoint the absolute path of the workspace
     * @param bound 1 ms to 30 s, from the moment at which it stands still
     */
    public FreezeResult freeze(String mountPoint, Duration bound) {
        long millis = bound.toMillis();
        if (millis < 1 || millis > Wire.MAX_FREEZE_MILLIS) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a freeze of " + millis + " ms, not 1 to " + Wire.MAX_FREEZE_MILLIS + " ms");
        }
        return connection.call(
                "freeze of " + mountPoint,
                Wire.FREEZE,
                out -> out.string(1, mountPoint).u32(2, millis),
                () -> {
                    connection.watchdog().arm(Bound.STALL, timeouts.digestStall());
                    Fields fields = connection.result();
                    return new FreezeResult(fields.u64(1), fields.u64(2));
                });
    }

    /**
     * Ends the freeze of this connection.
     *
     * @return whether it lasted without a break until now; otherwise what was taken of the workspace meanwhile is worth nothing
     */
    public boolean thaw() {
        return connection.call(
                "thaw", Wire.THAW, out -> {}, () -> connection.result().flag(1));
    }

    /** Packs a tree into a tar archive. What comes was made by the guest: whoever unpacks it must check it. */
    public ExportResult exportTree(ExportRequest request, ByteSink sink) {
        return connection.call(
                "export of " + request.location(),
                Wire.EXPORT,
                out -> out.location(request.location()).u64(3, request.maxBytes()),
                () -> {
                    long most = Math.min(request.maxBytes(), Long.MAX_VALUE - MAX_ARCHIVE_OVERHEAD);
                    Fields fields = data(sink, most + MAX_ARCHIVE_OVERHEAD, new long[1]);
                    GuestFileKind kind = GuestFileKind.ofCode(fields.u8(3));
                    if (kind == null || kind == GuestFileKind.OTHER) {
                        throw new ProtocolViolation("an export of an unknown kind");
                    }
                    return new ExportResult(fields.u64(1), fields.u64(2), kind);
                });
    }

    /** Returns the guest's jobs: its shells and services. They use this connection, one request at a time. */
    public AgentJobs jobs() {
        return new AgentJobs(connection);
    }

    /** Asks the guest to end its processes, sync its disks and power off. It has agreed when this returns, no more. */
    public void shutdown() {
        connection.call("shutdown", Wire.SHUTDOWN, out -> {}, connection::result);
    }

    /** Closes the stream, which ends a request under way and gives a lease back. May be called again. */
    @Override
    public void close() {
        connection.close();
    }

    /** Takes apart the payloads of a stream. */
    private interface PayloadReader {
        void read(java.nio.ByteBuffer payload) throws IOException;
    }

    /** Makes a result of fields. */
    private interface ResultReader<T> {
        T read(Fields fields) throws IOException;
    }

    private Fields data(ByteSink sink, long most, long[] total) throws IOException, AgentRefusal {
        return stream(FrameType.DATA_OUT, timeouts.stall(), payload -> {
            total[0] += payload.remaining();
            if (total[0] > most) {
                throw new ProtocolViolation("more than the " + most + " bytes that were asked for");
            }
            connection.deliver(sink);
        });
    }

    /** Reads frames of one type up to the result. */
    private Fields stream(FrameType part, Duration stall, PayloadReader parts) throws IOException, AgentRefusal {
        connection.watchdog().arm(Bound.REQUEST, timeouts.transfer());
        while (true) {
            connection.watchdog().arm(Bound.STALL, stall);
            FrameType type = connection.next();
            if (type == FrameType.RESULT) {
                return Fields.of(connection.reader().payload());
            }
            if (type != part) {
                throw connection.unexpected(type);
            }
            parts.read(connection.reader().payload());
        }
    }

    private <T> T upload(InputStream content, ResultReader<T> results) throws IOException, AgentRefusal {
        connection.watchdog().arm(Bound.REQUEST, timeouts.transfer());
        InputPump pump = new InputPump(connection, content, "the data for the guest", timeouts.stall());
        return withInput(pump, () -> results.read(connection.result()));
    }

    static <T> T withInput(InputPump pump, AgentConnection.Exchange<T> exchange) throws IOException, AgentRefusal {
        pump.start();
        T result;
        try {
            result = exchange.run();
        } catch (AgentRefusal e) {
            pump.finish();
            throw e;
        }
        pump.finish();
        return result;
    }

    private static void optional(int tag, @Nullable String value, FieldWriter out) {
        if (value != null) {
            out.string(tag, value);
        }
    }
}
