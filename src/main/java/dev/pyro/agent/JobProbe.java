package dev.pyro.agent;

import java.time.Duration;

/**
 * How to find out, from inside the guest, that a service is ready. Immutable.
 *
 * @param kind what is looked at
 * @param target what the kind says
 * @param interval between two looks, 10 ms to a minute
 * @param timeout after which it counts as not ready, 1 ms to a day
 */
public record JobProbe(Kind kind, String target, Duration interval, Duration timeout) {
    /** What is looked at. */
    public enum Kind {
        /** Nothing: a service that still runs when the time-out is over is ready. The target is empty. */
        STILL_RUNNING(0),
        /** That a file exists; the target is its absolute path. */
        FILE(1),
        /** That a port takes connections; the target is {@code HOST:PORT}. */
        TCP(2),
        /** That a GET is answered with a status from 200 to 399; the target is an {@code http://} URL. */
        HTTP(3),
        /** That a command succeeds; the target is the command line. */
        COMMAND(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}
