package dev.pyro.agent;

import java.time.Instant;

/**
 * What a probe found.
 *
 * @param outcome whether the service became ready
 * @param at when that was known, by the guest's clock
 * @param state what the service is now
 */
public record ProbeResult(Outcome outcome, Instant at, JobState state) {
    /** Whether a service became ready. */
    public enum Outcome {
        READY(1),
        /** Its process ended first. */
        ENDED(2),
        TIMED_OUT(3);

        private final int code;

        Outcome(int code) {
            this.code = code;
        }

        static Outcome of(int code) throws ProtocolViolation {
            for (Outcome outcome : values()) {
                if (outcome.code == code) {
                    return outcome;
                }
            }
            throw new ProtocolViolation("the outcome " + code + " of a probe");
        }
    }
}
