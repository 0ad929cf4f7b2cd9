package dev.pyro.workspace;

import dev.pyro.model.OutputListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Keeps the first bytes of each stream and passes everything on. For one thread at a time. */
final class OutputCapture implements OutputListener {
    private final OutputListener next;
    private final Kept stdout;
    private final Kept stderr;

    OutputCapture(int maxKeptBytes, OutputListener next) {
        this.stdout = new Kept(maxKeptBytes);
        this.stderr = new Kept(maxKeptBytes);
        this.next = next;
    }

    @Override
    public void onOutput(Stream stream, ByteBuffer bytes) {
        kept(stream).append(bytes.duplicate());
        next.onOutput(stream, bytes);
    }

    /** Returns what was kept of a stream; a character that the cut went through is left out. */
    String text(Stream stream) {
        return kept(stream).text();
    }

    /** Tells whether there was more than is kept. */
    boolean isTruncated(Stream stream) {
        return kept(stream).truncated;
    }

    private Kept kept(Stream stream) {
        return switch (stream) {
            case STDOUT -> stdout;
            case STDERR -> stderr;
        };
    }

    private static final class Kept {
        private static final int CONTINUATION_MASK = 0xC0;
        private static final int CONTINUATION = 0x80;
        private static final int MAX_CONTINUATIONS = 3;

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int maxBytes;
        private boolean truncated;

        Kept(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        void append(ByteBuffer more) {
            int room = maxBytes - bytes.size();
            truncated |= more.remaining() > room;
            byte[] fitting = new byte[Math.min(room, more.remaining())];
            more.get(fitting);
            bytes.writeBytes(fitting);
        }

        String text() {
            byte[] kept = bytes.toByteArray();
            if (kept.length == 0) {
                return "";
            }
            return new String(kept, 0, truncated ? completeLength(kept) : kept.length, StandardCharsets.UTF_8);
        }

        /** The length without a last character whose bytes are not all there. */
        private static int completeLength(byte[] kept) {
            int start = kept.length - 1;
            while (start > 0
                    && kept.length - start <= MAX_CONTINUATIONS
                    && (kept[start] & CONTINUATION_MASK) == CONTINUATION) {
                start--;
            }
            int lead = kept[start] & 0xFF;
            int needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
            return needed > kept.length - start ? start : kept.length;
        }
    }
}
