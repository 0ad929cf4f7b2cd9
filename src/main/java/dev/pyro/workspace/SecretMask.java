package dev.pyro.workspace;

import dev.pyro.model.OutputListener;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** Hides the values of secrets in whatever leaves the guest. Immutable. */
final class SecretMask {
    /** Hides nothing. */
    static final SecretMask NONE = new SecretMask();

    /** What is shown in place of secrets. */
    static final String SHOWN = "***";

    private SecretMask() {}

    /** Returns a whole text without secrets. */
    String text(String text) {
        return text;
    }

    /** Returns a failure whose message, and those of its causes, show no secret. */
    PyroException failure(PyroException failure) {
        return failure;
    }

    /**
     * Which bytes of a piece of output must not be shown.
     *
     * @param hidden those that belong to a secret
     * @param open how many bytes at the end may be the beginning of one, which only what follows will show
     */
    record Cover(BitSet hidden, int open) {}

    /** Looks at a piece of output. */
    Cover cover(byte[] bytes) {
        return new Cover(new BitSet(), 0);
    }

    /** Returns a listener that passes output on without secrets, those too that come in several pieces. */
    Masked output(OutputListener next) {
        return new Masked(next);
    }

    /** Output on its way. For one thread at a time. */
    static final class Masked implements OutputListener {
        private final OutputListener next;

        private Masked(OutputListener next) {
            this.next = next;
        }

        @Override
        public void onOutput(Stream stream, ByteBuffer bytes) {
            next.onOutput(stream, bytes);
        }

        /** Passes on what was held back: nothing follows. */
        void finish() {}
    }
}
