package dev.pyro.mcp.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads lines of strict UTF-8 from a stream, none longer than a bound, whatever the other side sends. For one thread. */
final class LineReader {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream input;
    private final int maxBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int end;

    /** A reader of lines that have at most so many bytes, without their ends. */
    LineReader(InputStream input, int maxBytes) {
        this.input = input;
        this.maxBytes = maxBytes;
    }

    /** What one line is. */
    sealed interface Line {
        /** Its text, without the end of the line. */
        record Text(String text) implements Line {}

        /** It was longer than the bound; the reader has gone on to its end. */
        record TooLong(Envelope envelope) implements Line {}

        /** It is no UTF-8. */
        record NotUtf8() implements Line {}
    }

    /**
     * Returns the next line, the last one also when nothing ends it; null at the end of the stream.
     *
     * @throws IOException when the stream fails
     */
    @Nullable
    Line next() throws IOException {
        Pieces line = new Pieces();
        boolean any = false;
        while (next < end || fill()) {
            any = true;
            int start = next;
            while (next < end && buffer[next] != '\n') {
                next++;
            }
            line.add(start, next - start);
            if (next < end) {
                next++;
                return line.finish();
            }
        }
        return any ? line.finish() : null;
    }

    private boolean fill() throws IOException {
        next = 0;
        end = Math.max(0, input.read(buffer));
        return end > 0;
    }

    /** A line while it is read. */
    private final class Pieces {
        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Envelope.@Nullable Scan tooLong;

        void add(int start, int length) {
            if (tooLong == null && bytes.size() + length > maxBytes) {
                byte[] begin = bytes.toByteArray();
                bytes = new ByteArrayOutputStream();
                tooLong = new Envelope.Scan();
                tooLong.add(begin, 0, begin.length);
            }
            if (tooLong == null) {
                bytes.write(buffer, start, length);
            } else {
                tooLong.add(buffer, start, length);
            }
        }

        Line finish() {
            if (tooLong != null) {
                return new Line.TooLong(tooLong.finish());
            }
            try {
                return new Line.Text(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.toByteArray()))
                        .toString());
            } catch (CharacterCodingException e) {
                return new Line.NotUtf8();
            }
        }
    }
}
