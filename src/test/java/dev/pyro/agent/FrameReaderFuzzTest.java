package dev.pyro.agent;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Whatever a guest sends, the decoders answer with values or with an {@link IOException}, and end.
 *
 * <p>In a normal test run this repeats the inputs beside this class. To search for new ones:
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=FrameReaderFuzzTest -DargLine=-Djazzer.max_duration=60s}
 */
class FrameReaderFuzzTest {
    private static final int MAX_STEP_BITS = 20;
    // One for all runs: there are thousands a second.
    private static final ByteBuffer BUFFER = ByteBuffer.allocate(FrameReader.BUFFER_LENGTH);
    private static final int MAX_FRAMES = 10_000;

    @FuzzTest(maxDuration = "10m")
    void survivesAnyStream(byte[] data) {
        // The first byte says how the rest arrives: its lowest bit whether a handshake comes first, the others in how
        // large parts.
        int manner = data.length == 0 ? 0 : data[0] & 0xff;
        boolean handshake = (manner & 1) == 1;
        int step = 1 << (manner >>> 1) % MAX_STEP_BITS;
        ByteBuffer stream = ByteBuffer.wrap(data).position(Math.min(1, data.length));
        FrameReader reader = new FrameReader(new Trickle(stream, step), FrameReader.FrameBound.NONE, BUFFER);
        WalkDecoder walk = new WalkDecoder(
                new WalkRequest(new GuestLocation("/", ""), WalkRequest.EVERYTHING, true, Wire.MAX_WALK_ENTRIES));
        try {
            if (handshake) {
                reader.awaitAck(new byte[Wire.NONCE_LENGTH]);
            }
            for (int i = 0; i < MAX_FRAMES; i++) {
                FrameType type = reader.next();
                switch (type) {
                    case RESULT, ERROR -> decode(Fields.of(reader.payload()));
                    case ENTRIES -> walk.decode(reader.payload(), FrameReaderFuzzTest::check);
                    default -> {
                        // A stream's bytes go to the caller as they are.
                    }
                }
            }
        } catch (IOException e) {
            // Garbage, or the end of the input: both are what this expects.
            return;
        }
    }

    private static void decode(Fields fields) throws IOException {
        fields.optionalText(3);
        fields.u16(1);
        fields.u32(2);
        fields.u64(4);
        fields.i32(5);
        fields.flag(6);
        fields.text(7);
    }

    private static void check(WalkEntry entry) {
        String path = "/" + entry.path() + "/";
        if (path.contains("/../") || path.contains("/./") || entry.path().startsWith("/") || path.contains("\0")) {
            throw new IllegalStateException("a path that leads out: " + entry.path());
        }
    }

    /** A channel that gives a few bytes at a time, so that frames fall apart at every place. */
    private static final class Trickle implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final int step;

        Trickle(ByteBuffer bytes, int step) {
            this.bytes = bytes;
            this.step = step;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(step, Math.min(bytes.remaining(), target.remaining()));
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
