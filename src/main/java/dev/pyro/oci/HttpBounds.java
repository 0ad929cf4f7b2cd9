package dev.pyro.oci;

import java.time.Duration;

/**
 * How long a registry may take.
 *
 * @param connect for a connection
 * @param answer from the request's end to the answer's head
 * @param stall the window within which a body has to move on
 * @param leastRate how many bytes a second a body brings at least, over several such windows
 */
record HttpBounds(Duration connect, Duration answer, Duration stall, long leastRate) {
    /**
     * Of the slowest links that are of any use, 20 KB/s, each of the three bodies that come at a time gets 6: a third of that is granted. Less is not worth
     * waiting for, and whoever sends less to hold us up is left after a few minutes.
     */
    private static final long LEAST_RATE = 2048;

    static final HttpBounds USUAL =
            new HttpBounds(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(60), LEAST_RATE);

    /** How long a registry may take for a blob that was sent, which it may copy elsewhere first. */
    static final Duration UPLOAD_ANSWER = Duration.ofMinutes(5);

    /** A body that brings less in the window stands still. */
    static final long LEAST_BYTES = 1024;

    /** A link may be bad for a while; over so many windows it has to reach the rate. */
    static final int STALLS_PER_RATING = 5;

    /** Returns how long a body may be slow. */
    Duration rating() {
        return stall.multipliedBy(STALLS_PER_RATING);
    }

    /** Returns what has to come in a time. */
    long leastBytes(Duration time) {
        return leastRate * time.toMillis() / 1000;
    }
}
