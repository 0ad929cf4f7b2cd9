package dev.pyro.model;

import org.jspecify.annotations.Nullable;

/**
 * What was read of a shell's output.
 *
 * @param shell the shell, as it was then
 * @param cursor where the output begins; later than was asked when what came before is not kept any more
 * @param nextCursor where the next read goes on
 * @param output what the terminal was sent, with its control sequences; a character is never cut in two, bytes that are no UTF-8 become U+FFFD
 *     and secrets {@code ***}
 * @param truncated whether output between the cursor that was asked for and this is lost
 * @param waitSatisfied whether what was waited for has come; null when nothing was
 */
public record ShellOutput(
        Shell shell,
        long cursor,
        long nextCursor,
        String output,
        boolean truncated,
        @Nullable Boolean waitSatisfied) {
    /** The same with another outcome of the waiting. */
    public ShellOutput withWaitSatisfied(@Nullable Boolean satisfied) {
        return new ShellOutput(shell, cursor, nextCursor, output, truncated, satisfied);
    }
}
