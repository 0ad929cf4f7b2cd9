package dev.pyro.workspace;

import java.time.Duration;
import java.util.Arrays;

/**
 * A shell's output on its way to a terminal, without secrets, those too that come in several pieces. It holds no more than what may be the beginning of
 * a secret, and as much of what was shown as tells where one began. For one thread at a time.
 */
final class JobStream {
    /**
     * How long what may be the beginning of a secret is held back: a person who types such a letter wants to see it, and a secret that
     * somebody prints comes faster.
     */
    static final Duration LONGEST_DOUBT = Duration.ofMillis(300);

    private final SecretMask mask;
    private byte[] kept = new byte[0];
    private long start;
    private long at;
    private boolean severed;

    /** Begins at a cursor. */
    JobStream(SecretMask mask, long cursor) {
        this.mask = mask;
        this.start = cursor;
        this.at = cursor;
        this.severed = cursor > 0;
    }

    /** Returns the cursor of what is to be read next. */
    long end() {
        return start + kept.length;
    }

    /** Tells whether something is held back. */
    boolean withholds() {
        return at < end();
    }

    /**
     * Takes what was read from {@link #end} on, and returns what can be shown now.
     *
     * @param cursor where it begins; later than asked when output was dropped
     * @param bytes nothing when nothing came within {@link #LONGEST_DOUBT}: what was held back is shown then
     * @param last whether nothing will follow
     */
    byte[] add(long cursor, byte[] bytes, boolean last) {
        if (cursor == end()) {
            kept = joined(kept, bytes);
        } else {
            kept = bytes;
            start = cursor;
            severed = true;
        }
        OutputWindow window = OutputWindow.of(mask, start, kept, severed, at, last || bytes.length == 0);
        byte[] shown = window.shown();
        at = start + window.to();
        trim();
        return shown;
    }

    private void trim() {
        int unneeded = (int) (at - OutputWindow.context(mask, at) - start);
        if (unneeded > 0) {
            kept = Arrays.copyOfRange(kept, unneeded, kept.length);
            start += unneeded;
            severed = false;
        }
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
