package dev.pyro.oci;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for, whoever is asked in the end.
 *
 * @param method the HTTP method
 * @param headers headers besides those that every request has
 * @param body gives the body anew for each try, or null when there is none
 */
record ApiRequest(
        String method,
        Map<String, String> headers,
        @Nullable BodySource body) {
    ApiRequest {
        headers = Map.copyOf(headers);
    }

    static ApiRequest get(Map<String, String> headers) {
        return new ApiRequest("GET", headers, null);
    }

    /** Opens a body. */
    @FunctionalInterface
    interface BodySource {
        CountedBody open() throws IOException;
    }

    boolean readsOnly() {
        return method.equals("GET") || method.equals("HEAD");
    }
}
