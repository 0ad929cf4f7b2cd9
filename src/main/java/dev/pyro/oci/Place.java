package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** One place that has a repository, and how one gets in there. Safe for use by several threads. */
final class Place {
    private static final int RENEWALS = 2;

    private final Endpoint endpoint;
    private final HttpSender sender;
    private final TokenSource tokens;
    private final Clock clock;

    private Place(Endpoint endpoint, HttpSender sender, TokenSource tokens, Clock clock) {
        this.endpoint = endpoint;
        this.sender = sender;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * Goes there; where it is not settled whether it has TLS, that is found out.
     *
     * @param purpose what it is for, for messages
     * @throws IOException when nobody listens there
     */
    static Place open(Endpoint endpoint, HttpSender sender, Purpose purpose, Credentials credentials)
            throws IOException {
        Endpoint settled = endpoint.plain() == null ? endpoint.withPlain(speaksPlainHttp(endpoint, sender)) : endpoint;
        Clock clock = Clock.systemUTC();
        return new Place(settled, sender, new TokenSource(sender, settled, purpose, credentials, clock), clock);
    }

    /** Asks without credentials. A server with TLS takes the question for nonsense; only one that nobody can connect to has to be asked again. */
    private static boolean speaksPlainHttp(Endpoint endpoint, HttpSender sender) throws IOException {
        URI uri = endpoint.withPlain(true).base().resolve("/v2/");
        HttpAnswer answer;
        try {
            answer = sender.send(uri, ApiRequest.get(java.util.Map.of()), null);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted() || HttpFailures.isUnreachable(e)) {
                throw e;
            }
            return false;
        }
        try (answer) {
            if (answer.isTransient()) {
                // Not what a server with TLS says to such a question.
                throw RegistryFailure.transientFailure(
                        answer, RetryAfter.parse(answer.header("Retry-After").orElse(null), Clock.systemUTC()));
            }
            return switch (answer.status()) {
                case HttpAnswer.OK, HttpAnswer.UNAUTHORIZED, HttpAnswer.FORBIDDEN, HttpAnswer.NOT_FOUND -> true;
                default -> false;
            };
        }
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /**
     * Asks, with what proves who asks when that is wanted. Answers that promise better are {@link TransientFailure}s; all others, with what may be
     * an error's status, are the caller's.
     *
     * @throws PyroException {@link ErrorCode#REGISTRY_DENIED}
     */
    HttpAnswer call(URI uri, ApiRequest request) throws IOException {
        boolean home = endpoint.hosts(uri);
        @Nullable String authorization = home ? tokens.current() : null;
        for (int renewals = 0; true; renewals++) {
            HttpAnswer answer = Redirects.follow(sender, endpoint, uri, request, authorization);
            boolean kept = false;
            try {
                boolean refusal = answer.status() == HttpAnswer.UNAUTHORIZED || answer.status() == HttpAnswer.FORBIDDEN;
                if (answer.isTransient() || (refusal && !endpoint.hosts(answer.uri()))) {
                    // Where a registry sends us to is good for a moment only; the registry itself may send us there
                    // again.
                    throw RegistryFailure.transientFailure(
                            answer,
                            RetryAfter.parse(answer.header("Retry-After").orElse(null), clock));
                }
                if (!refusal) {
                    kept = true;
                    return answer;
                }
                if (answer.status() == HttpAnswer.FORBIDDEN || !home || renewals == RENEWALS) {
                    throw tokens.denied(answer);
                }
                authorization = tokens.renew(answer, authorization);
            } finally {
                if (!kept) {
                    answer.close();
                }
            }
        }
    }
}
