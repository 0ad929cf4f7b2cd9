package dev.pyro.agent;

import dev.pyro.agent.Watchdog.Bound;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection: sends frames, receives frames, and says why it ended. One thread reads; another may write at the same time.
 *
 * <p>Whatever goes wrong but a refusal of the agent closes it for good, because nobody knows where in the stream the next frame begins.
 */
final class AgentConnection implements AutoCloseable {
    /** What is done between a request and its end. */
    interface Exchange<T> {
        T run() throws IOException, AgentRefusal;
    }

    private final String machine;
    private final ByteChannel channel;
    private final AgentTimeouts timeouts;
    private final Watchdog watchdog;
    private final FrameReader reader;
    private final ReentrantLock writing = new ReentrantLock();
    private final ByteBuffer out = ByteBuffer.allocateDirect(Wire.HEADER_LENGTH + Wire.MAX_PAYLOAD);

    private volatile String operation = "handshake";
    private volatile boolean closed;
    private volatile @Nullable PyroException failure;

    AgentConnection(String machine, ByteChannel channel, AgentTimeouts timeouts) {
        this.machine = machine;
        this.channel = channel;
        this.timeouts = timeouts;
        watchdog = new Watchdog(channel, timeouts.frame());
        reader = new FrameReader(channel, watchdog);
    }

    AgentTimeouts timeouts() {
        return timeouts;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    FrameReader reader() {
        return reader;
    }

    /**
     * Sends a request and does what follows, bounded by the watchdog, which is disarmed at the end.
     *
     * @throws PyroException {@link AgentRefusal#errorCode} with an {@link AgentRefusal} as its cause when the agent refuses; the
     *     connection can still be used then, and after {@link ErrorCode#INVALID_ARGUMENT}, but after no other failure
     */
    <T> T call(String name, int code, Consumer<FieldWriter> fields, Exchange<T> exchange) {
        requireOpen();
        operation = name;
        writing.lock();
        try {
            out.clear().position(Wire.HEADER_LENGTH);
            out.putShort((short) code);
            fields.accept(new FieldWriter(out, name));
            watchdog.arm(Bound.STALL, timeouts.reply());
            sendFrame(Wire.REQUEST);
        } catch (IOException e) {
            throw broken(e);
        } finally {
            writing.unlock();
        }
        try {
            T result = exchange.run();
            watchdog.disarmAll();
            return result;
        } catch (AgentRefusal e) {
            watchdog.disarmAll();
            throw new PyroException(
                    e.errorCode(), "the guest of " + machine + " refused " + name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw broken(e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Reads the next frame; an ERROR frame becomes an exception. */
    FrameType next() throws IOException, AgentRefusal {
        if (Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
        FrameType type = reader.next();
        if (type == FrameType.ERROR) {
            Fields fields = Fields.of(reader.payload());
            AgentRefusal.Reason reason = AgentRefusal.Reason.ofCode(fields.u16(1));
            String details = fields.optionalText(3);
            throw new AgentRefusal(
                    reason,
                    fields.u32(2),
                    details.isEmpty() ? reason.description() : reason.description() + ": " + details);
        }
        return type;
    }

    /** Reads the RESULT of a request that has no stream. */
    Fields result() throws IOException, AgentRefusal {
        FrameType type = next();
        if (type != FrameType.RESULT) {
            throw unexpected(type);
        }
        return Fields.of(reader.payload());
    }

    ProtocolViolation unexpected(FrameType type) {
        return new ProtocolViolation("a frame " + type + " where none is due");
    }

    /** Hands the last frame's payload over; the guest's clock stands still meanwhile. */
    void deliver(ByteSink sink) {
        watchdog.suspend();
        try {
            sink.accept(reader.payload());
        } catch (ClosedByInterruptException e) {
            throw fail(interrupted(e));
        } catch (IOException e) {
            throw fail(new PyroException(
                    ErrorCode.STORAGE_UNUSABLE,
                    "cannot pass on what " + operation + " in the guest of " + machine + " sends: " + e.getMessage(),
                    e));
        } finally {
            watchdog.resume();
        }
    }

    void sendHello(byte[] nonce) throws IOException {
        writing.lock();
        try {
            out.clear().position(Wire.HEADER_LENGTH);
            out.put(Wire.helloMagic()).putShort((short) Wire.VERSION).put(nonce);
            sendFrame(Wire.HELLO);
        } finally {
            writing.unlock();
        }
    }

    /** Sends a part of the request's input stream, or its end when there are no bytes. The caller holds {@link #writing}. */
    void sendInput(byte[] bytes, int length) throws IOException {
        out.clear().position(Wire.HEADER_LENGTH);
        out.put(bytes, 0, length);
        sendFrame(length == 0 ? Wire.END : Wire.DATA);
    }

    ReentrantLock writing() {
        return writing;
    }

    private void sendFrame(int type) throws IOException {
        out.putInt(0, type << 24);
        out.putInt(Integer.BYTES, out.position() - Wire.HEADER_LENGTH);
        out.flip();
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                throw new IOException("the channel does not block");
            }
        }
    }

    /** Ends the connection for this reason, if it is the first, and returns the first. */
    PyroException fail(PyroException reason) {
        PyroException first;
        synchronized (this) {
            if (failure == null) {
                failure = reason;
            }
            first = failure;
        }
        close();
        return first;
    }

    /** Closes the connection after this error and returns what to throw. */
    PyroException broken(IOException e) {
        boolean ownDoing = closed;
        Bound expired = watchdog.expired();
        if (e instanceof ProtocolViolation) {
            return fail(new PyroException(
                    ErrorCode.GUEST_PROTOCOL,
                    "the guest of " + machine + " broke the protocol during " + operation + ": it sent "
                            + e.getMessage() + "; the connection is closed, and the machine should be stopped",
                    e));
        }
        if (e instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted()) {
            return fail(interrupted(e));
        }
        if (expired != null) {
            return fail(new PyroException(ErrorCode.GUEST_TIMEOUT, overdue(expired), e));
        }
        if (ownDoing) {
            return fail(new PyroException(
                    ErrorCode.INTERRUPTED,
                    operation + " in the guest of " + machine + " ended because its connection was closed",
                    e));
        }
        String how = e instanceof EOFException ? e.getMessage() : "the stream failed (" + e.getMessage() + ")";
        return fail(new PyroException(
                ErrorCode.MACHINE_DIED,
                "the guest of " + machine + " went away during " + operation + ": " + how
                        + "; its machine ended or lost its agent",
                e));
    }

    private String overdue(Bound bound) {
        String what = switch (bound) {
            case REQUEST -> " did not end within its bound";
            case STALL -> " gave no sign of life within its bound";
            case FRAME ->
                " began a frame and did not complete it within "
                        + timeouts.frame().toSeconds() + " s";
        };
        return operation + " in the guest of " + machine + what + "; the connection is closed, and what ran is ended";
    }

    private PyroException interrupted(IOException e) {
        return new PyroException(
                ErrorCode.INTERRUPTED, operation + " in the guest of " + machine + " was interrupted", e);
    }

    private void requireOpen() {
        PyroException earlier = failure;
        if (earlier != null) {
            throw new PyroException(
                    earlier.code(),
                    "the connection to the guest of " + machine + " ended before: " + earlier.getMessage(),
                    earlier);
        }
        if (closed) {
            throw new PyroException(ErrorCode.INTERRUPTED, "the connection to the guest of " + machine + " is closed");
        }
    }

    /** Closes the stream; a call that waits on it ends. May be called from any thread, and again. */
    @Override
    public void close() {
        closed = true;
        watchdog.close();
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone all the same; there is nothing left to lose.
            return;
        }
    }
}
