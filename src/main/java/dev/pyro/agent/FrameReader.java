package dev.pyro.agent;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Takes a byte stream apart into frames, in one buffer that never grows. Not safe for use by several threads.
 *
 * <p>Nothing here trusts the stream: a header is judged before its payload is read.
 */
final class FrameReader {
    /** What stands before a HELLO_ACK is the rest of a session that was cut off; more than this is no such rest. */
    static final int MAX_DROPPED = 8 * 1024 * 1024;

    /** Room for the longest frame. */
    static final int BUFFER_LENGTH = Wire.HEADER_LENGTH + Wire.MAX_PAYLOAD;

    private static final int ACK_LENGTH = 34;

    /** Hears when a frame is under way, so that a guest which never completes it can be given up. */
    interface FrameBound {
        /** A bound that is never reached. */
        FrameBound NONE = new FrameBound() {
            @Override
            public void begin() {}

            @Override
            public void end() {}
        };

        /** The first bytes of a frame are here, the rest is awaited. */
        void begin();

        /** The frame is complete. */
        void end();
    }

    private final ReadableByteChannel channel;
    private final FrameBound bound;
    // From its position to its limit: what was read and not yet used.
    private final ByteBuffer buffer;
    private ByteBuffer payload;

    FrameReader(ReadableByteChannel channel, FrameBound bound) {
        // Outside of the heap, where the operating system can write to it without a copy.
        this(channel, bound, ByteBuffer.allocateDirect(BUFFER_LENGTH));
    }

    /** A reader with a buffer of its caller's, of {@link #BUFFER_LENGTH}. */
    FrameReader(ReadableByteChannel channel, FrameBound bound, ByteBuffer buffer) {
        this.channel = channel;
        this.bound = bound;
        this.buffer = buffer.clear().limit(0);
        payload = buffer.slice();
    }

    /**
     * Drops everything up to the HELLO_ACK that answers this nonce, and returns the agent's version.
     *
     * @throws ProtocolViolation when it does not come within {@link #MAX_DROPPED} bytes
     */
    int awaitAck(byte[] nonce) throws IOException {
        byte[] start = Wire.ackStart();
        int dropped = 0;
        while (true) {
            int last = buffer.limit() - ACK_LENGTH;
            int at = buffer.position();
            while (at <= last) {
                if (matches(at, start) && matches(at + start.length + Short.BYTES, nonce)) {
                    int version = buffer.getShort(at + start.length) & 0xffff;
                    buffer.position(at + ACK_LENGTH);
                    return version;
                }
                at++;
            }
            dropped += at - buffer.position();
            buffer.position(at);
            if (dropped > MAX_DROPPED) {
                throw new ProtocolViolation("more than " + MAX_DROPPED + " bytes, and no greeting among them");
            }
            fill(ACK_LENGTH);
        }
    }

    private boolean matches(int at, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (buffer.get(at + i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads the next frame and returns its type; {@link #payload} then is its content.
     *
     * @throws EOFException when the stream ends
     */
    FrameType next() throws IOException {
        boolean timed = false;
        if (buffer.remaining() < Wire.HEADER_LENGTH) {
            while (!buffer.hasRemaining()) {
                fill(1);
            }
            if (buffer.remaining() < Wire.HEADER_LENGTH) {
                bound.begin();
                timed = true;
                fill(Wire.HEADER_LENGTH);
            }
        }
        int header = buffer.getInt(buffer.position());
        int length = buffer.getInt(buffer.position() + Integer.BYTES);
        if ((header & 0xff_ffff) != 0) {
            throw new ProtocolViolation("a frame whose reserved bytes are not zero");
        }
        FrameType type = FrameType.of(header >>> 24, length);
        if (buffer.remaining() < Wire.HEADER_LENGTH + length) {
            if (!timed) {
                bound.begin();
                timed = true;
            }
            fill(Wire.HEADER_LENGTH + length);
        }
        if (timed) {
            bound.end();
        }
        payload = buffer.slice(buffer.position() + Wire.HEADER_LENGTH, length);
        buffer.position(buffer.position() + Wire.HEADER_LENGTH + length);
        return type;
    }

    /** Returns the content of the last frame; it is gone with the next call of {@link #next}. */
    ByteBuffer payload() {
        return payload;
    }

    /** Reads until there are so many bytes in the buffer. */
    private void fill(int needed) throws IOException {
        while (buffer.remaining() < needed) {
            if (!buffer.hasRemaining()) {
                buffer.position(0).limit(0);
            } else if (buffer.capacity() - buffer.position() < needed) {
                buffer.compact().flip();
            }
            int unread = buffer.position();
            int end = buffer.limit();
            buffer.limit(buffer.capacity()).position(end);
            int count;
            try {
                count = channel.read(buffer);
            } finally {
                buffer.flip().position(unread);
            }
            if (count < 0) {
                throw new EOFException(buffer.hasRemaining() ? "the stream ended within a frame" : "the stream ended");
            }
            if (count == 0) {
                throw new IOException("the channel does not block");
            }
        }
    }
}
