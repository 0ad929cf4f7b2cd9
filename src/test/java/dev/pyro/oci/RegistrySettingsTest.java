package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySettingsTest {
    @TempDir
    private Path folder;

    @Test
    void variablesAndOptionsComeTogether() throws IOException {
        Path one = Files.createFile(folder.resolve("one.pem"));
        Path two = Files.createFile(folder.resolve("two.pem"));
        RegistrySettings settings = RegistrySettings.of(Map.of(
                        RegistrySettings.MIRROR_VARIABLE, " https://m1.org  quay.io=http://m2:80/x/ ",
                        RegistrySettings.CA_VARIABLE, one.toString(),
                        RegistrySettings.PLAIN_VARIABLE, "a:1, B.org"))
                .with(new RegistryOptions(List.of("docker.io=https://m0.org"), List.of(two), List.of("c")));
        assertThat(settings.mirrors())
                .containsExactly(
                        new Mirror("docker.io", "m0.org", "", false),
                        new Mirror("docker.io", "m1.org", "", false),
                        new Mirror("quay.io", "m2:80", "x/", true));
        assertThat(settings.mirrorsOf("docker.io")).hasSize(2);
        assertThat(settings.authorities()).containsExactly(two, one);
        assertThat(settings.plainHosts()).containsExactlyInAnyOrder("a:1", "b.org", "c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "m.org",
                "ftp://m.org",
                "https://",
                "https://u:p@m.org",
                "https://m.org/?q",
                "https://m.org/#f",
                "https://m.org/A",
                "x y=https://m.org",
                "=https://m.org",
                "https://m.org:99999"
            })
    void othersAreNoMirrors(String text) {
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                PyroException.class,
                () -> RegistrySettings.of(Map.of()).with(new RegistryOptions(List.of(text), List.of(), List.of()))));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void namesAFileThatIsNotThere() {
        RegistryOptions options = new RegistryOptions(List.of(), List.of(folder.resolve("none.pem")), List.of());
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                PyroException.class, () -> RegistrySettings.of(Map.of()).with(options)));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining("none.pem");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:5000/a, ",
        "127.0.0.1/a, ",
        "[::1]:5000/a, ",
        "r.org/a, false",
        "plain.org:80/a, true",
        "localhost.org/a, false",
        "127.0.0.1.org/a, false",
        "a, false"
    })
    void onlyThisMachineMayTurnOutToHaveNoTls(String text, Boolean plain) {
        RegistryReference reference =
                (RegistryReference) ImageReference.parse(text, folder).orElseThrow();
        RegistrySettings settings = RegistrySettings.of(Map.of(RegistrySettings.PLAIN_VARIABLE, "plain.org:80"));
        assertThat(Endpoint.origin(reference, settings).plain()).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "https://r.org/, p:3128",
                "http://r.org/, q:80",
                "https://localhost:5000/, -",
                "http://127.0.0.1/, -",
                "https://[::1]:5000/, -",
                "https://in.corp/, -",
                "https://a.in.corp/, -",
                "https://ain.corp/, p:3128",
                "https://x.wild/, -",
                "https://port.org:8443/, -",
                "https://port.org/, p:3128"
            })
    void asksProxies(String uri, String proxy) {
        ProxyVariables proxies = new ProxyVariables(
                Map.of("https_proxy", "http://p:3128", "HTTP_PROXY", "q", "NO_PROXY", "in.corp, *.wild,port.org:8443"));
        Proxy chosen = proxies.select(URI.create(uri)).getFirst();
        assertThat(chosen.address() == null ? null : chosen.address().toString().replaceFirst("/<unresolved>", ""))
                .isEqualTo(proxy);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:s3cret@p:1",
                "https://user:s3cret@p:1",
                "user:s3cret@p:3128",
                "http://user:s3/cret@p",
                "http://user:s3@cret@p",
                "http://s3cret:123/user@p",
                "user:s3://cret@p"
            })
    void aPasswordIsRefusedWithoutShowingIt(String address) {
        String variable = RegistrySettings.MIRROR_VARIABLE;
        List<ThrowingCallable> uses = List.of(
                () -> new ProxyVariables(Map.of("HTTPS_PROXY", address)).select(URI.create("https://r.org/")),
                () -> new ProxyVariables(Map.of("http_proxy", address)).select(URI.create("http://r.org/")),
                () -> Mirror.parse(address),
                () -> Mirror.parse("docker.io=" + address),
                () -> RegistrySettings.of(Map.of(variable, address)),
                () -> RegistrySettings.of(Map.of(RegistrySettings.PLAIN_VARIABLE, address)));
        for (ThrowingCallable use : uses) {
            PyroException failure = Objects.requireNonNull(catchThrowableOfType(PyroException.class, use));
            assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            assertThat(failure).hasMessageNotContainingAny("s3", "cret").hasMessageContaining("***@p");
        }
    }

    @Test
    void aProxyThatCannotBeUsedMattersOnlyWhereItWouldBeAsked() {
        ProxyVariables proxies = new ProxyVariables(
                Map.of("HTTPS_PROXY", "socks5://p:1", "NO_PROXY", "in.corp", "HTTP_PROXY", "q:99999"));
        for (String direct : List.of("https://localhost:5000/", "http://127.0.0.1/", "https://r.in.corp/")) {
            assertThat(proxies.select(URI.create(direct))).containsExactly(Proxy.NO_PROXY);
        }
        RegistrySettings settings = RegistrySettings.of(Map.of("HTTPS_PROXY", "socks5://p:1", "HTTP_PROXY", "q:99999"));
        try (HttpSender sender = new HttpSender(settings, HttpBounds.USUAL)) {
            for (String uri : List.of("https://r.example/", "http://r.example/")) {
                PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                        PyroException.class, () -> sender.send(URI.create(uri), ApiRequest.get(Map.of()), null)));
                assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                assertThat(failure)
                        .hasMessageContaining(uri.startsWith("https:") ? "HTTPS_PROXY" : "HTTP_PROXY")
                        .hasMessageContaining("must be http://HOST:PORT");
            }
        }
    }
}
