package dev.pyro.model;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A lasting connection to a shell, for a person's terminal. One thread may be in {@link #follow} while others call the rest. Closing it leaves the
 * shell as it is.
 */
public interface ShellAttachment extends AutoCloseable {
    /** Returns the shell as it was when the connection was made. */
    Shell shell();

    /**
     * Hands over the output as it comes, beginning with the last lines, on the calling thread: bytes for a terminal, in which secrets are
     * {@code ***}.
     *
     * @param output hears of each piece; the buffer is reused after the call. What it throws ends the call and comes out of it
     * @return what the shell was when it ended; empty when the attachment was closed before
     * @throws PyroException {@link ErrorCode#WORKSPACE_WRONG_STATE} or {@link ErrorCode#WORKSPACE_NOT_FOUND} when the workspace was taken
     *     away, {@link ErrorCode#MACHINE_DIED}, {@link ErrorCode#INTERRUPTED}
     */
    Optional<Shell> follow(Consumer<ByteBuffer> output);

    /** Types bytes. What a shell that has ended, or does not take it, is sent is lost. */
    void write(byte[] input);

    /** Gives the terminal another size, 1 to {@link OpenShell#MAX_SIZE} each. */
    void resize(int cols, int rows);

    /** Ends the connection; {@link #follow} returns. May be called by any thread, and again. */
    @Override
    void close();
}
