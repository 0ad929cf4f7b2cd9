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

    /** What can be done about most of it. */
    private static final String FOR_THEM = "whoever runs it has to mend that, or name a mirror with --registry-mirror";

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
        throw refused(start, "redirects more than " + MAX_REDIRECTS + " times", FOR_THEM);
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
        String what = "redirects to \"" + Arguments.printableAddress(location) + "\", ";
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw refused(start, what + "which is no address", FOR_THEM);
        }
        if (!location.isEmpty() && endpoint.mayLeadTo(target, start)) {
            return target;
        }
        if (location.isEmpty() || target.getHost() == null || target.getRawUserInfo() != null || !isPlain(target)) {
            throw refused(start, what + "which cannot be followed", FOR_THEM);
        }
        throw refused(
                start,
                what + "which has no TLS",
                isPlain(start)
                        ? "where nobody can listen on the way, name it with --plain-http "
                                + Arguments.printable(target.getRawAuthority()) + " (or "
                                + RegistrySettings.PLAIN_VARIABLE + ")"
                        : FOR_THEM);
    }

    private static boolean isPlain(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme());
    }

    private static PyroException refused(URI start, String what, String remedy) {
        return new PyroException(
                ErrorCode.REGISTRY_UNAVAILABLE,
                "the registry at " + start.getRawAuthority() + " " + what + "; " + remedy);
    }
}
