package dev.pyro.model;

import java.nio.ByteBuffer;

/**
 * Hears of a command's output as it comes, in order, on the thread that runs the command. What it throws ends the command and
 * reaches the caller.
 */
public interface OutputListener {
    /** Which of the command's two streams. */
    enum Stream {
        STDOUT,
        STDERR
    }

    /** A listener that ignores everything. */
    OutputListener NONE = (stream, bytes) -> {};

    /** Hears of the next bytes of one stream. The buffer is reused after the call, and may be left unread. */
    void onOutput(Stream stream, ByteBuffer bytes);
}
