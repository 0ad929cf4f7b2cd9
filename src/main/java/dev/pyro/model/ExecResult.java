package dev.pyro.model;

import java.time.Duration;

/**
 * How a command ended, and what it wrote.
 *
 * @param stdout its standard output as UTF-8, where other bytes become U+FFFD; at most as much as {@link ExecVm#maxKeptBytes} says
 * @param stderr its standard error, likewise
 * @param exitCode its exit code; 124 after a time-out, 128 and the signal's number when a signal ended it
 * @param duration how long it ran inside the guest
 * @param timedOut whether its time ran out
 * @param stdoutTruncated whether there was more standard output than is kept
 * @param stderrTruncated whether there was more standard error than is kept
 */
public record ExecResult(
        String stdout,
        String stderr,
        int exitCode,
        Duration duration,
        boolean timedOut,
        boolean stdoutTruncated,
        boolean stderrTruncated) {
    /** The exit code of a command whose time ran out, as timeout(1) has it. */
    public static final int EXIT_TIMED_OUT = 124;

    /** The same with at most so many bytes of each stream. */
    public ExecResult withKeptBytes(int maxBytes) {
        String out = Utf8.cut(stdout, maxBytes);
        String err = Utf8.cut(stderr, maxBytes);
        return new ExecResult(
                out,
                err,
                exitCode,
                duration,
                timedOut,
                stdoutTruncated || out.length() < stdout.length(),
                stderrTruncated || err.length() < stderr.length());
    }
}
