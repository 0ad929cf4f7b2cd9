package dev.pyro.oci;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A failure of one host: the registry's own, or whichever it has sent us to. */
class HostFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final String host;

    /**
     * @param host who failed, as it is shown
     */
    HostFailure(String host, @Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
        this.host = host;
    }

    String host() {
        return host;
    }
}
