package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the headers of registries mean: challenges, times to wait, and where they point. */
class HttpHeadersTest {
    private static final Clock NOW = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Basic realm="x y"                                          | basic  | {realm=x y}
            BASIC Realm=x                                              | basic  | {realm=x}
            Bearer realm="https://a/t?x=1,2",service="s",scope="a b"   | bearer | {realm=https://a/t?x=1,2, scope=a b, service=s}
            Bearer realm="a\\"b", error = "e"                           | bearer | {error=e, realm=a"b}
            Negotiate, Basic realm="b", Bearer realm="c"               | bearer | {realm=c}
            Negotiate abc== , Basic realm="b"                          | basic  | {realm=b}
            Bearer realm="cut                                          | bearer | {realm=cut}
            """)
    void readsChallenges(String header, String scheme, String parameters) {
        WwwAuthenticate challenge = WwwAuthenticate.best(List.of(header)).orElseThrow();
        assertThat(challenge.scheme()).isEqualTo(scheme);
        assertThat(new java.util.TreeMap<>(challenge.parameters()).toString()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "=", "\"", "Negotiate", "Digest realm=\"x\"", "= = =", ",,,,\"\"\"\""})
    void othersOfferNothingThatIsKnown(String header) {
        assertThat(WwwAuthenticate.best(List.of(header))).isEmpty();
    }

    @Test
    void readsWhenToComeBack() {
        assertThat(RetryAfter.parse("121", NOW)).isEqualTo(Duration.ofSeconds(121));
        assertThat(RetryAfter.parse(" 0 ", NOW)).isEqualTo(Duration.ZERO);
        assertThat(RetryAfter.parse("Fri, 02 Jan 2026 03:05:05 GMT", NOW)).isEqualTo(Duration.ofSeconds(60));
        assertThat(RetryAfter.parse("Fri, 02 Jan 2026 03:00:05 GMT", NOW)).isEqualTo(Duration.ZERO);
        for (String nonsense : List.of("", "soon", "-1", "99999999999", "1.5")) {
            assertThat(RetryAfter.parse(nonsense, NOW)).isNull();
        }
        assertThat(RetryAfter.parse(null, NOW)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.org/v2/x, /y, https://a.org/y",
        "https://a.org/v2/x, y?z, https://a.org/v2/y?z",
        "https://a.org/v2/x, https://b.org/y, https://b.org/y",
        "http://a.org/v2/x, https://b.org/y, https://b.org/y",
        "http://a.org/v2/x, /y, http://a.org/y",
        "http://a.org/v2/x, http://A.org:80/y, http://A.org:80/y",
        "http://a.org/v2/x, http://localhost:1/y, http://localhost:1/y",
        "http://a.org/v2/x, http://[::1]:1/y, http://[::1]:1/y",
        "http://a.org/v2/x, http://named.org:80/y, http://named.org:80/y",
        "http://localhost:5000/v2/x, http://127.0.0.1:1/y, http://127.0.0.1:1/y"
    })
    void followsAddresses(String from, String location, String target) {
        assertThat(Redirects.target(endpoint(from), URI.create(from), location, URI.create(from)))
                .isEqualTo(URI.create(target));
    }

    /** A place without TLS when the address has none; one host more was named with {@code --plain-http}. */
    private static Endpoint endpoint(String address) {
        URI uri = URI.create(address);
        String host = uri.getRawAuthority();
        return new Endpoint(host, host, "a", uri.getScheme().equals("http"), false, Set.of("named.org"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.org/x, http://a.org/x",
        "https://a.org/x, http://localhost/x",
        "https://a.org/x, file:///etc/passwd",
        "https://a.org/x, ftp://a.org/x",
        "https://a.org/x, https://user@a.org/x",
        "https://a.org/x, 'not an address'",
        "https://a.org/x, ''",
        "https://a.org/x, https:x",
        "https://a.org/x, http://named.org/x",
        "http://a.org/x, http://b.org/x",
        "http://a.org/x, http://a.org:81/x",
        "http://a.org/x, http://sub.a.org/x",
        "http://a.org/x, http://127.0.0.1.b.org/x",
        "http://a.org/x, http://named.org:81/x",
        "http://localhost:5000/x, http://b.org/x",
        "http://localhost:5000/x, http://169.254.169.254/x",
        "http://127.0.0.1:5000/x, //b.org/x"
    })
    void doesNotFollowOthers(String from, String location) {
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                PyroException.class,
                () -> Redirects.target(endpoint(from), URI.create(from), location, URI.create(from))));
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.org/x, http://b.org:81/x, 'has no TLS; where nobody can listen on the way, name it with --plain-http b.org:81 '",
        "http://a.org/x, http://u:s3cret@b.org/x, 'http://***@b.org/x\", which cannot be followed; whoever runs it'",
        "http://a.org/x, '', which cannot be followed; whoever runs it",
        "https://a.org/x, http://named.org/x, has no TLS; whoever runs it"
    })
    void whoIsNotFollowedIsToldWhatHelps(String from, String location, String said) {
        assertThat(Objects.requireNonNull(catchThrowableOfType(
                        PyroException.class,
                        () -> Redirects.target(endpoint(from), URI.create(from), location, URI.create(from)))))
                .hasMessageContaining(said);
    }

    @ParameterizedTest
    @CsvSource({
        "https://r.org, http://auth.r.org/token",
        "https://r.org, http://localhost/token",
        "https://r.org, http://named.org/token",
        "https://r.org, https://u:p@auth.r.org/t",
        "https://r.org, auth.r.org",
        "https://r.org, file:///token",
        "https://r.org, https:",
        "https://r.org, a b",
        "http://localhost:5000, http://auth.r.org/token",
        "http://127.0.0.1:5000, http://auth.r.org:5000/token",
        "http://r.org, http://auth.r.org/token"
    })
    void credentialsGoToNoSuchRealm(String registry, String realm) {
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                PyroException.class, () -> renew(endpoint(registry), "Bearer realm=\"" + realm + "\"")));
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
        assertThat(failure).hasMessageContaining("where no credentials may go").hasMessageNotContaining("secret");
    }

    @Test
    void aRegistryWithoutTlsMayHaveItsTokensOnThisMachineAndAtHostsThatAreNamed() {
        for (String realm :
                List.of("http://localhost:5001/t", "http://named.org/t", "http://r.org/t", "https://x.org/")) {
            assertThat(endpoint("http://r.org").mayLeadTo(URI.create(realm), URI.create("http://r.org/")))
                    .as(realm)
                    .isTrue();
        }
    }

    private static String renew(Endpoint endpoint, String challenge) throws IOException {
        Credentials credentials = (host, name) -> Optional.of(new Credential("u", "secret", false, "f"));
        try (HttpSender sender = new HttpSender(RegistrySettings.of(Map.of()), HttpBounds.USUAL)) {
            TokenSource tokens =
                    new TokenSource(sender, endpoint, new Purpose(Purpose.Access.PULL, "a"), credentials, NOW);
            return tokens.renew(answer(401, Map.of("WWW-Authenticate", List.of(challenge))), null);
        }
    }

    private static HttpAnswer answer(int status, Map<String, List<String>> headers) {
        return new HttpAnswer(
                URI.create("https://r.org/v2/"),
                status,
                HttpHeaders.of(headers, (name, value) -> true),
                InputStream.nullInputStream());
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 507, 520, 522, 524, 530, 599})
    void isTriedAgain(int status) {
        assertThat(answer(status, Map.of()).isTransient()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 206, 301, 400, 401, 403, 404, 416, 418, 501, 505, 600})
    void isNotTriedAgain(int status) {
        assertThat(answer(status, Map.of()).isTransient()).isFalse();
    }
}
