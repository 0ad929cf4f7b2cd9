package dev.pyro.agent;

import java.time.Duration;

/**
 * How a command in the guest ended.
 *
 * @param exitCode 0 to 255: 127 no such command, 126 not executable, 128 and the number of the signal that ended it, 124 timed out
 * @param timedOut whether its time-out ended it
 * @param duration how long it took, by the guest's clock
 * @param signal the number of the signal that ended it, or 0
 */
public record ExecOutcome(int exitCode, boolean timedOut, Duration duration, int signal) {}
