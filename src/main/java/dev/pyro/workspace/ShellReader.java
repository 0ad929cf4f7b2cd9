package dev.pyro.workspace;

import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobOutput;
import dev.pyro.agent.JobState;
import dev.pyro.agent.ReadJob;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;

/**
 * Reads a shell's output over one connection, by cursor, without secrets. It keeps nothing from read to read but what it is made of; waiting is the
 * agent's. For one thread at a time.
 */
final class ShellReader {
    /** How much text is looked through at a time. */
    private static final int SCANNED_CHARS = 64 * 1024;

    private static final int MAX_CHARACTER_BYTES = 4;

    private final AgentJobs jobs;
    private final JobName shell;
    private final SecretMask mask;

    ShellReader(AgentJobs jobs, JobName shell, SecretMask mask) {
        this.jobs = jobs;
        this.shell = shell;
        this.mask = mask;
    }

    /**
     * What was read.
     *
     * @param text the text
     * @param state what the shell is now
     */
    record Piece(ShellText text, JobState state) {}

    /**
     * Reads from a cursor on, at most so many characters; waits for nothing.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the cursor lies beyond the end
     */
    Piece read(long cursor, int maxChars) {
        long context = OutputWindow.context(mask, cursor);
        // So large that it shows something, whatever secrets and characters its ends go through.
        long bytes = context + mask.context() + (long) MAX_CHARACTER_BYTES * maxChars + MAX_CHARACTER_BYTES;
        int maxBytes = (int) Math.min(bytes, ReadJob.MAX_BYTES);
        JobOutput output = output(cursor, context, maxBytes);
        requireCursor(cursor, output.state());
        boolean severed = output.cursor() > cursor - context;
        if (context > 0
                && output.nextCursor() <= cursor
                && cursor < output.state().end()) {
            // What stands before the cursor was being dropped while it was sent.
            output = output(cursor, 0, maxBytes);
            severed = true;
        }
        boolean last = !output.state().running()
                && output.nextCursor() == output.state().end();
        OutputWindow window = OutputWindow.of(mask, output.cursor(), output.bytes(), severed, cursor, last);
        return new Piece(ShellText.of(window, maxChars), output.state());
    }

    private JobOutput output(long cursor, long context, int maxBytes) {
        try {
            return jobs.read(ReadJob.from(shell, cursor - context).withMaxBytes(maxBytes));
        } catch (PyroException e) {
            if (e.getCause() instanceof AgentRefusal refusal
                    && refusal.reason() == AgentRefusal.Reason.BAD_REQUEST
                    && cursor > context) {
                requireCursor(cursor, jobs.state(shell));
            }
            throw e;
        }
    }

    private void requireCursor(long cursor, JobState state) {
        if (cursor > state.end()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "cursor " + cursor + " lies in the future of " + shell + ": its output ends at " + state.end()
                            + "; give a next_cursor that an earlier read returned");
        }
    }

    /**
     * Waits until the output from a cursor on holds a text, in bounded memory however much comes.
     *
     * @return whether it does; not when the shell has ended or the time is over
     */
    boolean awaitText(long cursor, String text, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        String before = "";
        long at = cursor;
        while (true) {
            Piece piece = read(at, SCANNED_CHARS);
            String seen = piece.text().truncated()
                    ? piece.text().text()
                    : before + piece.text().text();
            if (seen.contains(text)) {
                return true;
            }
            before = seen.substring(Math.max(0, seen.length() - text.length() + 1));
            boolean progress = piece.text().nextCursor() > at;
            at = piece.text().nextCursor();
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (left.isNegative() || left.isZero()) {
                return false;
            }
            if (!progress || at == piece.state().end()) {
                if (!piece.state().running()) {
                    return false;
                }
                awaitOutput(piece.state().end(), left);
            }
        }
    }

    /**
     * Waits until there is output after a cursor and no more has come for a while.
     *
     * @return whether it is so, or the shell has ended; not when the time is over
     */
    boolean awaitIdle(long cursor, Duration quiet, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        JobState state = jobs.state(shell);
        requireCursor(cursor, state);
        while (state.running()) {
            boolean came = state.end() > cursor;
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (left.isNegative() || left.isZero()) {
                return false;
            }
            boolean whole = came && left.compareTo(quiet) >= 0;
            JobState later = awaitOutput(state.end(), whole ? quiet : left);
            if (whole && later.end() == state.end()) {
                return true;
            }
            state = later;
        }
        return true;
    }

    /** Waits in the agent until there is output after a cursor, which may be the end, or the shell ends. */
    private JobState awaitOutput(long end, Duration atMost) {
        return jobs.read(ReadJob.from(shell, end).withMaxBytes(1).withPatience(patience(atMost)))
                .state();
    }

    /** The agent counts whole milliseconds: the rest of one must not become none, and a loop that does not wait. */
    private static Duration patience(Duration atMost) {
        return atMost.compareTo(ReadJob.MAX_PATIENCE) < 0
                ? Duration.ofMillis(atMost.toMillis() + 1)
                : ReadJob.MAX_PATIENCE;
    }
}
