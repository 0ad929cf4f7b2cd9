package dev.pyro.agent;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A guest that does what a test says: one script for each connection, in order, over a Unix socket. */
final class ScriptedGuest implements AutoCloseable {
    /** What the guest does on one connection. */
    interface Script {
        void run(Session session) throws IOException;
    }

    static final Duration BOUND = Duration.ofSeconds(10);
    static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration PAUSE = Duration.ofMillis(1);

    /** For a guest that answers the handshake, and is silent later. */
    private static final AgentTimeouts IMPATIENT =
            new AgentTimeouts(BOUND, BOUND, PAUSE, SHORT, SHORT, SHORT, SHORT, BOUND, SHORT);

    /** For a guest that does not answer the first handshake. */
    static final AgentTimeouts TRYING_AGAIN =
            new AgentTimeouts(SHORT.multipliedBy(2), BOUND, PAUSE, BOUND, BOUND, BOUND, BOUND, BOUND, BOUND);

    private final Path folder;
    private final ServerSocketChannel server;
    private final Deque<Script> scripts;
    private final List<Future<?>> sessions = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    ScriptedGuest(Script... scripts) {
        this.scripts = new ArrayDeque<>(List.of(scripts));
        try {
            folder = Files.createTempDirectory("pyro-guest");
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a connection, on which the next script runs; without one, nothing is ever said. */
    SocketChannel open(Duration timeout) throws IOException {
        SocketChannel channel = SocketChannel.open(server.getLocalAddress());
        SocketChannel accepted = server.accept();
        Script script = scripts.isEmpty() ? session -> session.readUntilClosed() : scripts.removeFirst();
        sessions.add(threads.submit(() -> {
            try (accepted) {
                script.run(new Session(accepted));
            } catch (ClosedChannelException | EOFException e) {
                // The host has had enough.
            }
            return null;
        }));
        return channel;
    }

    /** Connects with the bounds of the product. */
    AgentClient connect() {
        return AgentClient.connect("vm-test", this::open, BOUND);
    }

    /** Connects with bounds so short that a test can wait for them. */
    AgentClient connectImpatiently() {
        return AgentClient.connect("vm-test", this::open, BOUND, IMPATIENT);
    }

    /** Waits for the ends of all scripts and fails when one failed. */
    void join() throws Exception {
        for (Future<?> session : sessions) {
            session.get(10, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        server.close();
        Files.deleteIfExists(folder.resolve("s"));
        Files.deleteIfExists(folder);
    }

    /** One connection, seen from the guest. */
    static final class Session {
        final SocketChannel channel;
        private final DataInputStream in;
        private final DataOutputStream out;

        Session(SocketChannel channel) {
            this.channel = channel;
            in = new DataInputStream(Channels.newInputStream(channel));
            out = new DataOutputStream(Channels.newOutputStream(channel));
        }

        /** A frame from the host. */
        record Frame(int type, ByteBuffer payload) {
            byte[] bytes() {
                byte[] bytes = new byte[payload.limit()];
                payload.get(0, bytes);
                return bytes;
            }
        }

        Frame read() throws IOException {
            int type = in.readInt() >>> 24;
            byte[] payload = new byte[in.readInt()];
            in.readFully(payload);
            return new Frame(type, ByteBuffer.wrap(payload));
        }

        /** Reads HELLO and returns its nonce. */
        byte[] hello() throws IOException {
            Frame hello = read();
            if (hello.type() != Wire.HELLO) {
                throw new IOException("no HELLO but type " + hello.type());
            }
            ByteBuffer payload = hello.payload();
            byte[] magic = new byte[8];
            payload.get(magic);
            if (!new String(magic, StandardCharsets.US_ASCII).equals("PYRO-HEL")
                    || payload.getShort() != Wire.VERSION) {
                throw new IOException("wrong HELLO");
            }
            byte[] nonce = new byte[16];
            payload.get(nonce);
            return nonce;
        }

        void ack(byte[] nonce, int version) throws IOException {
            send(0x81, concat("PYRO-ACK".getBytes(StandardCharsets.US_ASCII), new byte[] {0, (byte) version}, nonce));
        }

        void greet() throws IOException {
            ack(hello(), Wire.VERSION);
        }

        /** Answers the handshake, and nothing after it. */
        void greetAndIgnore() throws IOException {
            greet();
            readUntilClosed();
        }

        /** Reads a request and returns its fields. */
        SentFields request(int operation) throws IOException {
            Frame request = read();
            ByteBuffer payload = request.payload();
            if (request.type() != Wire.REQUEST || payload.getShort() != operation) {
                throw new IOException("no request " + operation);
            }
            return new SentFields(payload.slice());
        }

        /** Reads DATA up to END. */
        byte[] input() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (Frame frame = read(); frame.type() != Wire.END; frame = read()) {
                if (frame.type() != Wire.DATA || frame.bytes().length == 0) {
                    throw new IOException("no DATA");
                }
                bytes.writeBytes(frame.bytes());
            }
            return bytes.toByteArray();
        }

        void send(int type, byte[] payload) throws IOException {
            header(type, payload.length);
            raw(payload);
        }

        void header(int type, int length) throws IOException {
            raw(ByteBuffer.allocate(8).putInt(type << 24).putInt(length).array());
        }

        void raw(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        void readUntilClosed() throws IOException {
            in.skipNBytes(Long.MAX_VALUE);
        }
    }

    /** The fields that the host sent. */
    record SentFields(ByteBuffer payload) {
        List<String> all(int tag) {
            List<String> values = new java.util.ArrayList<>();
            ByteBuffer in = payload.duplicate();
            while (in.hasRemaining()) {
                int found = in.getShort() & 0xffff;
                byte[] value = new byte[in.getInt()];
                in.get(value);
                if (found == tag) {
                    values.add(new String(value, StandardCharsets.ISO_8859_1));
                }
            }
            return values;
        }

        String string(int tag) {
            return all(tag).getFirst();
        }

        long number(int tag) {
            byte[] bytes = string(tag).getBytes(StandardCharsets.ISO_8859_1);
            return new java.math.BigInteger(1, bytes).longValueExact();
        }
    }

    /** Writes the fields of an answer. */
    static final class Answer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Answer u8(int tag, int value) {
            return field(tag, new byte[] {(byte) value});
        }

        Answer u16(int tag, int value) {
            return field(tag, ByteBuffer.allocate(2).putShort((short) value).array());
        }

        Answer u32(int tag, int value) {
            return field(tag, ByteBuffer.allocate(4).putInt(value).array());
        }

        Answer u64(int tag, long value) {
            return field(tag, ByteBuffer.allocate(8).putLong(value).array());
        }

        Answer text(int tag, String value) {
            return field(tag, value.getBytes(StandardCharsets.UTF_8));
        }

        Answer field(int tag, byte[] value) {
            bytes.writeBytes(ByteBuffer.allocate(6)
                    .putShort((short) tag)
                    .putInt(value.length)
                    .array());
            bytes.writeBytes(value);
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }

    /** The RESULT of a command. */
    static byte[] outcome(int exitCode) {
        return new Answer()
                .u32(1, exitCode)
                .u8(2, 0)
                .u64(3, 5_000_000)
                .u32(4, 0)
                .bytes();
    }

    /** One entry of a walk. */
    static byte[] entry(char kind, String path, String target) {
        byte[] pathBytes = GuestText.encode(path);
        byte[] targetBytes = GuestText.encode(target);
        ByteBuffer entry = ByteBuffer.allocate(4 + 46 + pathBytes.length + targetBytes.length);
        entry.putInt(46 + pathBytes.length + targetBytes.length)
                .put((byte) kind)
                .putInt(0b110_100_100);
        entry.putLong(7).putLong(-1).putLong(-2).putInt(0).putInt(0).putInt(1);
        entry.putShort((short) pathBytes.length).put(pathBytes);
        entry.putShort((short) targetBytes.length).put(targetBytes).put((byte) 0);
        return entry.array();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
