package dev.pyro.workspace;

import dev.pyro.agent.GuestText;
import dev.pyro.model.OutputListener;
import dev.pyro.model.PyroException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Hides the values of secrets in whatever leaves the guest, in the forms that {@link SecretPatterns} names: {@value #SHOWN} stands for every
 * run of bytes that belong to any of them. Immutable.
 */
final class SecretMask {
    /** What is shown in place of secrets. */
    static final String SHOWN = "***";

    /** Hides nothing. */
    static final SecretMask NONE = new SecretMask(List.of());

    private final List<byte[]> patterns;
    private final PatternAutomaton automaton;

    private SecretMask(List<byte[]> patterns) {
        this.patterns = patterns;
        this.automaton = new PatternAutomaton(patterns);
    }

    /** Returns what hides these values. */
    static SecretMask of(Collection<String> values) {
        List<byte[]> patterns = SecretPatterns.of(values);
        return patterns.isEmpty() ? NONE : new SecretMask(patterns);
    }

    /** Returns how many bytes the longest form has: who shows a piece of output must look at so many bytes before it, less one. */
    int context() {
        return patterns.stream().mapToInt(pattern -> pattern.length).max().orElse(0);
    }

    /** Returns a whole text without secrets. */
    String text(String text) {
        if (patterns.isEmpty()) {
            return text;
        }
        byte[] bytes = GuestText.encode(text);
        HiddenRuns runs = new HiddenRuns();
        scan(PatternAutomaton.START, bytes, 0, bytes.length, runs);
        if (runs.isEmpty()) {
            return text;
        }
        ByteArrayOutputStream shown = new ByteArrayOutputStream(bytes.length);
        runs.write(bytes, bytes.length, false, shown);
        return GuestText.decode(shown.toByteArray());
    }

    /** Returns a failure whose message, and those of its causes, show no secret. */
    PyroException failure(PyroException failure) {
        return patterns.isEmpty() ? failure : new MaskedFailure(this).of(failure);
    }

    /**
     * Which bytes of a piece of output must not be shown.
     *
     * @param hidden those that belong to a secret
     * @param open how many bytes at the end may be the beginning of one, which only what follows will show
     */
    record Cover(BitSet hidden, int open) {
        /** Returns some of the bytes with one mark in place of each run that is hidden. */
        byte[] shown(byte[] bytes, int from, int to) {
            HiddenRuns runs = new HiddenRuns();
            for (int start = hidden.nextSetBit(from); start >= 0 && start < to; ) {
                int end = Math.min(hidden.nextClearBit(start), to);
                runs.add(start - from, end - from);
                start = hidden.nextSetBit(end);
            }
            ByteArrayOutputStream shown = new ByteArrayOutputStream(to - from);
            runs.write(Arrays.copyOfRange(bytes, from, to), to - from, false, shown);
            return shown.toByteArray();
        }
    }

    /** Looks at a piece of output, before which there is nothing, or nothing that matters. */
    Cover cover(byte[] bytes) {
        return cover(bytes, false);
    }

    /**
     * Looks at a piece of output.
     *
     * @param cut whether what was before is lost, so that the bytes may begin within a secret
     */
    Cover cover(byte[] bytes, boolean cut) {
        HiddenRuns runs = new HiddenRuns();
        int rest = cut ? rest(bytes) : 0;
        int state = scan(PatternAutomaton.START, bytes, 0, bytes.length, runs);
        BitSet hidden = runs.bits();
        hidden.set(0, rest);
        return new Cover(hidden, automaton.open(state));
    }

    /** Returns how many bytes at the beginning may be the end of a secret, or of what lies within one. */
    private int rest(byte[] bytes) {
        int rest = 0;
        for (byte[] pattern : patterns) {
            rest = Math.max(rest, rest(bytes, pattern));
        }
        return rest;
    }

    /** As Knuth, Morris and Pratt look for the bytes in the pattern: what the search ends with is the pattern's end. */
    private static int rest(byte[] bytes, byte[] pattern) {
        int length = Math.min(bytes.length, pattern.length);
        if (length == 0) {
            return 0;
        }
        int[] borders = borders(bytes, length);
        int matched = 0;
        for (byte next : pattern) {
            while (matched > 0 && bytes[matched] != next) {
                matched = borders[matched - 1];
            }
            if (bytes[matched] == next) {
                matched++;
            }
            if (matched == length) {
                return length;
            }
        }
        return matched;
    }

    /** Returns, for each beginning, the length of its longest proper beginning that it also ends with. */
    private static int[] borders(byte[] bytes, int length) {
        int[] borders = new int[length];
        for (int i = 1; i < length; i++) {
            int border = borders[i - 1];
            while (border > 0 && bytes[border] != bytes[i]) {
                border = borders[border - 1];
            }
            borders[i] = bytes[border] == bytes[i] ? border + 1 : border;
        }
        return borders;
    }

    /** Returns a listener that passes output on without secrets, those too that come in several pieces. */
    Masked output(OutputListener next) {
        return new Masked(this, next);
    }

    /** Reads bytes and returns the state after them. */
    private int scan(int before, byte[] bytes, int from, int end, HiddenRuns runs) {
        int state = before;
        int at = from;
        while (at < end) {
            if (state == PatternAutomaton.START) {
                at = automaton.skip(bytes, at, end);
                if (at == end) {
                    break;
                }
            }
            state = automaton.next(state, bytes[at]);
            at++;
            int length = automaton.match(state);
            if (length > 0) {
                runs.add(at - length, at);
            }
        }
        return state;
    }

    /** Output on its way. For one thread at a time. */
    static final class Masked implements OutputListener {
        private final OutputListener next;
        private final Map<Stream, Held> streams = new EnumMap<>(Stream.class);

        private Masked(SecretMask mask, OutputListener next) {
            this.next = next;
            if (!mask.patterns.isEmpty()) {
                for (Stream stream : Stream.values()) {
                    streams.put(stream, new Held(mask, bytes -> next.onOutput(stream, bytes)));
                }
            }
        }

        @Override
        public void onOutput(Stream stream, ByteBuffer bytes) {
            Held held = streams.get(stream);
            if (held == null) {
                next.onOutput(stream, bytes);
            } else {
                held.take(bytes);
            }
        }

        /** Passes on what was held back: nothing follows. */
        void finish() {
            streams.values().forEach(Held::finish);
        }
    }

    /** One stream: its last bytes, as long as they may be the beginning of a secret. */
    private static final class Held {
        private static final int FIRST_CAPACITY = 64 * 1024;

        private final SecretMask mask;
        private final Consumer<ByteBuffer> next;
        private final HiddenRuns runs = new HiddenRuns();
        private byte[] bytes = new byte[FIRST_CAPACITY];
        private int length;
        private int state = PatternAutomaton.START;
        private boolean marked;

        private Held(SecretMask mask, Consumer<ByteBuffer> next) {
            this.mask = mask;
            this.next = next;
        }

        void take(ByteBuffer more) {
            int count = more.remaining();
            if (length + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
            }
            more.duplicate().get(bytes, length, count);
            int end = length + count;
            state = mask.scan(state, bytes, length, end, runs);
            int decided = end - mask.automaton.open(state);
            if (length == 0 && decided == end && runs.isEmpty() && count > 0) {
                marked = false;
                next.accept(more);
            } else {
                pass(decided);
                System.arraycopy(bytes, decided, bytes, 0, end - decided);
                length = end - decided;
            }
        }

        void finish() {
            int end = length;
            length = 0;
            pass(end);
        }

        private void pass(int end) {
            ByteArrayOutputStream shown = new ByteArrayOutputStream(end);
            marked = runs.write(bytes, end, marked, shown);
            runs.drop(end);
            if (shown.size() > 0) {
                next.accept(ByteBuffer.wrap(shown.toByteArray()));
            }
        }
    }
}
