package dev.pyro.agent;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a job is now, as its guest says.
 *
 * @param running whether its own process runs
 * @param pid the number of that process, in the guest
 * @param exitCode its exit code, 128 plus the signal that ended it; 0 while it runs
 * @param signal the signal that ended it, or 0
 * @param startedAt when it was started, by the guest's clock
 * @param endedAt when it ended, or null while it runs
 * @param columns the columns of a shell's terminal; 0 for a service
 * @param rows its rows likewise
 * @param stopAsked whether somebody had asked to end it before it ended
 * @param end the cursor that the next byte of its first stream will have
 * @param errorEnd the same for a service's standard error; 0 for a shell
 * @param directory the working directory that it was started in; empty when none was asked for
 */
public record JobState(
        boolean running,
        long pid,
        int exitCode,
        int signal,
        Instant startedAt,
        @Nullable Instant endedAt,
        int columns,
        int rows,
        boolean stopAsked,
        long end,
        long errorEnd,
        String directory) {
    private static final int RUNNING = 1;
    private static final int ENDED = 2;
    private static final int MAX_EXIT_CODE = 255;
    private static final int MAX_SIGNAL = 64;
    private static final long NANOS = 1_000_000_000L;

    static JobState of(Fields fields) throws ProtocolViolation {
        int phase = fields.u8(20);
        int exitCode = fields.i32(22);
        long signal = fields.u32(23);
        long ended = fields.u64(25);
        int columns = fields.u16(26);
        int rows = fields.u16(27);
        boolean valid = (phase == RUNNING || phase == ENDED)
                && exitCode >= 0
                && exitCode <= MAX_EXIT_CODE
                && signal <= MAX_SIGNAL
                && columns <= TerminalSize.MAX
                && rows <= TerminalSize.MAX
                && (phase == ENDED) == (ended > 0);
        if (!valid) {
            throw new ProtocolViolation("the state " + phase + " of a job with the exit code " + exitCode);
        }
        return new JobState(
                phase == RUNNING,
                fields.u32(21),
                exitCode,
                (int) signal,
                instant(fields.u64(24)),
                ended == 0 ? null : instant(ended),
                columns,
                rows,
                fields.flag(28),
                fields.u64(29),
                fields.u64(30),
                fields.optionalText(31));
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
    }
}
