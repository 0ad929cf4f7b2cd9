package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.OutputListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/**
 * Keeps the beginning and the end of what a command writes, in bounded memory, and passes everything on. For one command, on its thread.
 */
public final class CommandOutput implements OutputListener {
    /** How to see more where files last; not every command can be run again. */
    static final String INTO_A_FILE = "The rest is not kept. Next time, redirect the output to a file "
            + "(`COMMAND > /tmp/out.log 2>&1`) and read parts: `sed -n '1,200p' /tmp/out.log`, `grep -n PATTERN /tmp/out.log`. "
            + "Repeat this command only if that does no harm.";

    /** The same where nothing lasts. */
    static final String WITHIN_THE_COMMAND =
            "The rest went with the machine. Next time, have the command itself pick what "
                    + "matters: `COMMAND > out.log 2>&1; grep -n PATTERN out.log; tail -n 100 out.log`.";

    /** As much as a result can hold. */
    private static final int HEAD_BYTES = ResultBounds.MAX_CONTENT_BYTES / 2;

    private static final int TAIL_BYTES = ResultBounds.MAX_CONTENT_BYTES;

    private final OutputListener next;
    private final Map<Stream, Ends> streams = new EnumMap<>(Stream.class);

    CommandOutput(OutputListener next) {
        this.next = next;
        for (Stream stream : Stream.values()) {
            streams.put(stream, new Ends());
        }
    }

    @Override
    public void onOutput(Stream stream, ByteBuffer bytes) {
        ends(stream).add(bytes.duplicate());
        next.onOutput(stream, bytes);
    }

    /** Returns what was written to a stream. */
    Excerpt excerpt(Stream stream) {
        return ends(stream).excerpt();
    }

    /** Returns an answer of which this is the output. */
    ToolAnswer answer(JsonObject payload, String advice) {
        return ToolAnswer.of(payload)
                .withOutput(this)
                .withAdvice("stdout", _ -> advice)
                .withAdvice("stderr", _ -> advice);
    }

    private Ends ends(Stream stream) {
        return streams.computeIfAbsent(stream, _ -> new Ends());
    }

    /** The first and the last bytes of a stream. */
    private static final class Ends {
        private static final byte[] NONE = {};

        private byte[] head = NONE;
        private int headLength;

        /** A ring; the byte after the newest is at {@code tailTotal} modulo its length. */
        private byte[] tail = NONE;

        private long tailTotal;

        void add(ByteBuffer bytes) {
            int toHead = Math.min(bytes.remaining(), HEAD_BYTES - headLength);
            if (toHead > 0) {
                if (headLength + toHead > head.length) {
                    byte[] larger = new byte[Math.min(HEAD_BYTES, Math.max(2 * head.length, headLength + toHead))];
                    System.arraycopy(head, 0, larger, 0, headLength);
                    head = larger;
                }
                bytes.get(head, headLength, toHead);
                headLength += toHead;
            }
            if (!bytes.hasRemaining()) {
                return;
            }
            if (tail.length == 0) {
                tail = new byte[TAIL_BYTES];
            }
            int skipped = Math.max(0, bytes.remaining() - TAIL_BYTES);
            bytes.position(bytes.position() + skipped);
            tailTotal += skipped;
            while (bytes.hasRemaining()) {
                int at = (int) (tailTotal % TAIL_BYTES);
                int count = Math.min(bytes.remaining(), TAIL_BYTES - at);
                bytes.get(tail, at, count);
                tailTotal += count;
            }
        }

        Excerpt excerpt() {
            int tailLength = (int) Math.min(tailTotal, TAIL_BYTES);
            byte[] end = new byte[tailLength];
            int at = tailTotal <= TAIL_BYTES ? 0 : (int) (tailTotal % TAIL_BYTES);
            int first = Math.min(tailLength, TAIL_BYTES - at);
            if (tailLength > 0) {
                System.arraycopy(tail, at, end, 0, first);
                System.arraycopy(tail, 0, end, first, tailLength - first);
            }
            if (tailTotal <= TAIL_BYTES) {
                byte[] whole = new byte[headLength + tailLength];
                System.arraycopy(head, 0, whole, 0, headLength);
                System.arraycopy(end, 0, whole, headLength, tailLength);
                return Excerpt.of(new String(whole, StandardCharsets.UTF_8));
            }
            int headEnd = wholeCharacters(head, headLength);
            int tailStart = 0;
            while (tailStart < 3 && isContinuation(end[tailStart])) {
                tailStart++;
            }
            return new Excerpt(
                    new String(head, 0, headEnd, StandardCharsets.UTF_8),
                    new String(end, tailStart, tailLength - tailStart, StandardCharsets.UTF_8),
                    tailTotal - TAIL_BYTES + (headLength - headEnd) + tailStart);
        }

        /** Returns where to end so that the last character is whole. */
        private static int wholeCharacters(byte[] bytes, int length) {
            int start = length - 1;
            while (start > length - 4 && isContinuation(bytes[start])) {
                start--;
            }
            int lead = bytes[start] & 0xff;
            int wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
            return length - start < wanted ? start : length;
        }

        private static boolean isContinuation(byte b) {
            return (b & 0xc0) == 0x80;
        }
    }
}
