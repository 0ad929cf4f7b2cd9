package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
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
        "http://a.org/v2/x, http://b.org/y, http://b.org/y"
    })
    void followsAddresses(String from, String location, String target) {
        assertThat(Redirects.target(URI.create(from), location, URI.create(from)))
                .isEqualTo(URI.create(target));
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
        "https://a.org/x, https:x"
    })
    void doesNotFollowOthers(String from, String location) {
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                PyroException.class, () -> Redirects.target(URI.create(from), location, URI.create(from))));
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://auth.r.org/token",
                "https://u:p@auth.r.org/t",
                "auth.r.org",
                "file:///token",
                "https:",
                "a b"
            })
    void credentialsGoToNoSuchRealm(String realm) {
        Endpoint endpoint = new Endpoint("r.org", "r.org", "a", false, false);
        Credentials credentials = (host, name) -> Optional.of(new Credential("u", "secret", false, "f"));
        try (HttpSender sender = new HttpSender(RegistrySettings.of(Map.of()), HttpBounds.USUAL)) {
            TokenSource tokens = new TokenSource(sender, endpoint, "pull", "pull a", credentials, NOW);
            HttpAnswer refusal = new HttpAnswer(
                    URI.create("https://r.org/v2/"),
                    401,
                    HttpHeaders.of(
                            Map.of("WWW-Authenticate", List.of("Bearer realm=\"" + realm + "\"")),
                            (name, value) -> true),
                    InputStream.nullInputStream());
            PyroException failure = Objects.requireNonNull(
                    catchThrowableOfType(PyroException.class, () -> tokens.renew(refusal, null)));
            assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
            assertThat(failure)
                    .hasMessageContaining("where no credentials may go")
                    .hasMessageNotContaining("secret");
        }
    }
}
