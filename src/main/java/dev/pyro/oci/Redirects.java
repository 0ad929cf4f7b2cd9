package dev.pyro.oci;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Follows redirects by hand: the JDK's client would take the authorization along to any host. Stateless. */
final class Redirects {
    private static final int MAX_REDIRECTS = 5;
    private static final int TEMPORARY = 307;
    private static final int PERMANENT = 308;

    private Redirects() {}

    /**
     * Sends a request, and again to where an answer points. The authorization goes to the first host and port alone.
     *
     * @param endpoint the place for which it is sent
     * @throws PyroException {@link ErrorCode#REGISTRY_UNAVAILABLE} when they lead to where nothing may go, or do not end
     */
    static HttpAnswer follow(
            HttpSender sender, Endpoint endpoint, URI start, ApiRequest request, @Nullable String authorization)
            throws IOException {
        URI uri = start;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            boolean home = Endpoint.hostAndPort(uri).equals(Endpoint.hostAndPort(start))
                    && uri.getScheme().equalsIgnoreCase(start.getScheme());
            HttpAnswer answer = sender.send(uri, request, home ? authorization : null);
            if (!isFollowed(answer, request)) {
                return answer;
            }
            try (answer) {
                uri = target(endpoint, uri, answer.header("Location").orElse(""), start);
            }
        }
        throw refused(start, "redirects more than " + MAX_REDIRECTS + " times");
    }

    private static boolean isFollowed(HttpAnswer answer, ApiRequest request) {
        return answer.isRedirect()
                && (request.readsOnly() || answer.status() == TEMPORARY || answer.status() == PERMANENT);
    }

    /**
     * Returns where an answer points.
     *
     * @param endpoint the place that was meant
     * @param from who answered
     * @param location what it said, absolute or not
     * @param start who was asked first
     */
    static URI target(Endpoint endpoint, URI from, String location, URI start) {
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw refused(start, "redirects to \"" + Arguments.printableAddress(location) + "\", which is no address");
        }
        if (location.isEmpty() || !endpoint.mayLeadTo(target, start)) {
            String why = "which cannot be followed";
            if ("http".equalsIgnoreCase(target.getScheme())) {
                why = "which has no TLS"
                        + ("http".equalsIgnoreCase(start.getScheme()) ? " and is not named with --plain-http" : "");
            }
            throw refused(start, "redirects to \"" + Arguments.printableAddress(location) + "\", " + why);
        }
        return target;
    }

    private static PyroException refused(URI start, String what) {
        return new PyroException(
                ErrorCode.REGISTRY_UNAVAILABLE,
                "the registry at " + start.getRawAuthority() + " " + what
                        + "; whoever runs it has to mend that, or name a mirror with --registry-mirror");
    }
}
