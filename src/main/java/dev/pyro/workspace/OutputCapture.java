package dev.pyro.workspace;

import dev.pyro.model.OutputListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;

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

    /** Returns what was kept of a stream, once, and lets go of it; a character that the cut went through is left out. */
    String takeText(Stream stream) {
        return kept(stream).takeText();
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

    /** Chunks, and not one array that doubles: the largest output must fit into a small heap, twice. */
    private static final class Kept {
        private static final int CHUNK_BYTES = 256 * 1024;
        private static final int CONTINUATION_MASK = 0xC0;
        private static final int CONTINUATION = 0x80;
        private static final int MAX_CONTINUATIONS = 3;
        private static final byte[] NOTHING = new byte[0];

        private final List<byte[]> chunks = new ArrayList<>();
        private final int maxBytes;
        private int size;
        private boolean truncated;

        Kept(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        void append(ByteBuffer more) {
            int room = maxBytes - size;
            if (more.remaining() > room) {
                truncated = true;
                more.limit(more.position() + room);
            }
            while (more.hasRemaining()) {
                int used = size % CHUNK_BYTES;
                if (used == 0) {
                    chunks.add(new byte[Math.min(CHUNK_BYTES, maxBytes - size)]);
                }
                byte[] chunk = chunks.getLast();
                int count = Math.min(chunk.length - used, more.remaining());
                more.get(chunk, used, count);
                size += count;
            }
        }

        String takeText() {
            byte[] kept = joined();
            if (kept.length == 0) {
                return "";
            }
            return new String(kept, 0, truncated ? completeLength(kept) : kept.length, StandardCharsets.UTF_8);
        }

        /** Makes one chunk of all; each of them is let go as soon as it is copied. */
        private byte[] joined() {
            byte[] all = new byte[size];
            int length = 0;
            for (ListIterator<byte[]> iterator = chunks.listIterator(); iterator.hasNext(); ) {
                byte[] chunk = iterator.next();
                int count = Math.min(chunk.length, size - length);
                System.arraycopy(chunk, 0, all, length, count);
                length += count;
                iterator.set(NOTHING);
            }
            chunks.clear();
            size = 0;
            return all;
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
