package dev.pyro.oci;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A host that does not do its work now and may later. */
final class TransientFailure extends HostFailure {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Duration retryAfter;

    /**
     * @param message what it did, as the end of a sentence that begins with its name
     * @param retryAfter when it wants to be asked again, or null when it does not say
     */
    TransientFailure(String host, String message, @Nullable Duration retryAfter) {
        super(host, message, null);
        this.retryAfter = retryAfter;
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
