package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;

/**
 * How to find out, from inside the guest, that a service is ready. Immutable.
 *
 * @param kind what is looked at
 * @param target what the kind says
 * @param interval between two looks, {@link #MIN_INTERVAL} to {@link #MAX_INTERVAL}
 * @param timeout after which it counts as not ready, 1 ms to {@link #MAX_TIMEOUT}
 */
public record JobProbe(Kind kind, String target, Duration interval, Duration timeout) {
    public static final Duration MIN_INTERVAL = Duration.ofMillis(10);
    public static final Duration MAX_INTERVAL = Duration.ofMinutes(1);
    public static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    public JobProbe {
        require("interval", interval, MIN_INTERVAL, MAX_INTERVAL);
        require("time-out", timeout, Duration.ofMillis(1), MAX_TIMEOUT);
    }

    private static void require(String what, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the " + what + " of a probe is " + value.toMillis() + " ms, not " + least.toMillis() + " to "
                            + most.toMillis());
        }
    }

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
