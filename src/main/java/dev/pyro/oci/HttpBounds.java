package dev.pyro.oci;

import java.time.Duration;

/**
 * How long a registry may take.
 *
 * @param connect for a connection
 * @param answer from the request's end to the answer's head
 * @param stall the window within which a body has to move on
 */
record HttpBounds(Duration connect, Duration answer, Duration stall) {
    static final HttpBounds USUAL =
            new HttpBounds(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(60));

    /** How long a registry may take for a blob that was sent, which it may copy elsewhere first. */
    static final Duration UPLOAD_ANSWER = Duration.ofMinutes(5);

    /** A body that brings less in the window stands still. */
    static final long LEAST_BYTES = 1024;
}
