package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What proves to one place who asks for one repository: fetched when it is asked for, and kept while it is good. Safe for use by several threads. */
final class TokenSource {
    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
    private static final Duration LONGEST_LIFE = Duration.ofHours(1);
    private static final Duration MARGIN = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 256 << 10;

    private final HttpSender sender;
    private final Endpoint endpoint;
    private final Purpose purpose;
    private final Credentials credentials;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable String authorization;
    private long goodUntil;
    private @Nullable Credential found;
    private boolean lookedUp;

    /**
     * @param purpose what it is for, for messages
     */
    TokenSource(HttpSender sender, Endpoint endpoint, Purpose purpose, Credentials credentials, Clock clock) {
        this.sender = sender;
        this.endpoint = endpoint;
        this.purpose = purpose;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Returns what is sent without being asked for, or null. */
    @Nullable
    String current() {
        return locked(() -> authorization != null && clock.millis() < goodUntil ? authorization : null);
    }

    /** Returns the credentials for this place, or null when there are none. */
    @Nullable
    Credential credential() {
        return locked(this::lookUp);
    }

    /**
     * Returns what is asked for.
     *
     * @param answer the refusal
     * @param rejected what was refused, or null when nothing was sent
     * @throws PyroException {@link ErrorCode#REGISTRY_DENIED} when there is nothing better
     * @throws IOException when a token may be had later
     */
    String renew(HttpAnswer answer, @Nullable String rejected) throws IOException {
        Renewal renewal = () -> {
            if (authorization != null && clock.millis() < goodUntil && !authorization.equals(rejected)) {
                // Another thread was faster.
                return authorization;
            }
            WwwAuthenticate challenge = WwwAuthenticate.best(answer.headers().allValues("WWW-Authenticate"))
                    .orElseThrow(() -> denied(answer));
            String fresh = challenge.scheme().equals("basic") ? basic(answer) : bearer(challenge);
            if (fresh.equals(rejected)) {
                throw denied(answer);
            }
            authorization = fresh;
            return fresh;
        };
        acquire();
        try {
            return renewal.run();
        } finally {
            lock.unlock();
        }
    }

    /** Fetches what is asked for, under the lock. */
    private interface Renewal {
        String run() throws IOException;
    }

    PyroException denied(HttpAnswer answer) {
        return RegistryFailure.denied(endpoint.credentialHost(), purpose, credential(), answer);
    }

    private String basic(HttpAnswer answer) {
        Credential credential = lookUp();
        if (credential == null || credential.identityToken()) {
            throw denied(answer);
        }
        goodUntil = Long.MAX_VALUE;
        return basic(credential);
    }

    private static String basic(Credential credential) {
        String pair = credential.username() + ":" + credential.secret();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private String bearer(WwwAuthenticate challenge) throws IOException {
        URI realm = realm(challenge.parameters().getOrDefault("realm", ""));
        String service = challenge.parameters().getOrDefault("service", "");
        String scope =
                "repository:" + endpoint.repository() + ":" + purpose.access().actions();
        Credential credential = lookUp();
        HttpAnswer answer = credential != null && credential.identityToken()
                ? exchange(realm, service, scope, credential)
                : Redirects.follow(
                        sender,
                        endpoint,
                        withQuery(realm, "service=" + encoded(service) + "&scope=" + encoded(scope)),
                        ApiRequest.get(Map.of("Accept", "application/json")),
                        credential == null ? null : basic(credential));
        try (answer) {
            if (answer.isTransient()) {
                throw RegistryFailure.transientFailure(
                        answer, RetryAfter.parse(answer.header("Retry-After").orElse(null), clock));
            }
            if (answer.status() != HttpAnswer.OK) {
                throw denied(answer);
            }
            return token(answer);
        }
    }

    private HttpAnswer exchange(URI realm, String service, String scope, Credential credential) throws IOException {
        String form = "grant_type=refresh_token&client_id=pyro&service=" + encoded(service) + "&scope=" + encoded(scope)
                + "&refresh_token=" + encoded(credential.secret());
        // Not followed anywhere: the body holds the secret.
        return sender.send(
                realm,
                new ApiRequest(
                        "POST",
                        Map.of("Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"),
                        () -> CountedBody.of(form.getBytes(StandardCharsets.US_ASCII))),
                null);
    }

    private String token(HttpAnswer answer) throws IOException {
        try {
            JsonReader json = Json.parseObject(new String(answer.read(MAX_ANSWER_BYTES), StandardCharsets.UTF_8));
            String token = json.nullableString("token");
            if (token == null || token.isEmpty()) {
                token = json.nullableString("access_token");
            }
            if (token == null || token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new JsonFormatException("there is no token");
            }
            Long life = json.nullableNumber("expires_in");
            long seconds =
                    life == null || life <= 0 ? DEFAULT_LIFE.toSeconds() : Math.min(life, LONGEST_LIFE.toSeconds());
            goodUntil = clock.millis() + seconds * 1000 - MARGIN.toMillis();
            return "Bearer " + token;
        } catch (JsonFormatException | HttpAnswer.BodyTooLong e) {
            // Not the cause: it may quote a token.
            throw new PyroException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "cannot " + purpose.words() + ": what gives tokens for " + endpoint.credentialHost() + " ("
                            + answer.uri().getRawAuthority()
                            + ") does not answer with a token; try again later, or ask whoever runs it");
        }
    }

    /** Credentials go there. */
    private URI realm(String text) {
        try {
            URI realm = new URI(text);
            if (endpoint.mayLeadTo(realm, endpoint.base())) {
                return realm;
            }
        } catch (URISyntaxException e) {
            // The message below says it all.
        }
        throw new PyroException(
                ErrorCode.REGISTRY_DENIED,
                "cannot " + purpose.words() + ": " + endpoint.credentialHost() + " wants a token to be fetched from \""
                        + Arguments.printableAddress(text)
                        + "\", where no credentials may go: it must be an https address (or, where the registry has no TLS itself, one on this machine or that --plain-http names);"
                        + " ask whoever runs the registry");
    }

    private static URI withQuery(URI uri, String query) {
        return URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + query);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Asked for once: a helper may ask the user. */
    private @Nullable Credential lookUp() {
        if (!lookedUp) {
            found = credentials
                    .find(endpoint.credentialHost(), endpoint.repository())
                    .orElse(null);
            lookedUp = true;
        }
        return found;
    }

    private <T extends @Nullable Object> T locked(java.util.function.Supplier<T> action) {
        acquire();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    private void acquire() {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, purpose.access().activity() + " was interrupted", e);
        }
    }
}
