package dev.pyro.oci;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A registry that does not do its work now and may later. */
final class TransientFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Duration retryAfter;

    /**
     * @param message what it did, as the end of a sentence that begins with its name
     * @param retryAfter when it wants to be asked again, or null when it does not say
     */
    TransientFailure(String message, @Nullable Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
