package dev.pyro.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadinessTest {
    private static Readiness of(String type, String target) {
        return switch (type) {
            case "file" -> new Readiness.FileExists(target);
            case "tcp" -> new Readiness.TcpAccepts(target);
            case "http" -> new Readiness.HttpAnswers(target);
            default -> new Readiness.CommandSucceeds(target);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "file, a b",
        "file, /run/x.pid",
        "tcp, 127.0.0.1:1",
        "tcp, localhost:65535",
        "tcp, [::1]:8080",
        "tcp, [::ffff:127.0.0.1]:80",
        "http, http://127.0.0.1",
        "http, http://localhost:8080/a?b=c%20d",
        "http, http://[::1]:80/",
        "command, curl -fsSk https://localhost/"
    })
    void whatCanBeLookedAt(String type, String target) {
        Readiness readiness = of(type, target);
        assertThat(readiness.type()).isEqualTo(type);
        assertThat(readiness.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "8080", ":8080", "localhost:", "localhost:0", "localhost:65536", "localhost:99999999999", "host:80",
                "::1:80", "[::1]", "[:::1]:80", "[x]:80", "256.0.0.1:80", "1.2.3:80", "127.0.0.1:80 ", "127.0.0.1:-1",
                "127.0.0.1:+1", "localhost:8\u0660"
            })
    void noAddress(String address) {
        assertThatThrownBy(() -> new Readiness.TcpAccepts(address))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("ready_tcp must be HOST:PORT")
                .hasMessageContaining("127.0.0.1:8080");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "/x",
                "ftp://localhost/",
                "HTTP://localhost/",
                "http://",
                "http://example.org/",
                "http://a@localhost/",
                "http://localhost/#a",
                "http://localhost:0/",
                "http://localhost:65536/",
                "http://localhost/a b",
                "http://localhost/\n",
                "http://localhost/\u00e9",
                "http:localhost"
            })
    void noUrl(String url) {
        assertThatThrownBy(() -> new Readiness.HttpAnswers(url))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("ready_http must be an http:// URL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://localhost/", "HTTPS://example.org:8443"})
    void withTlsThereIsAnotherWay(String url) {
        assertThatThrownBy(() -> new Readiness.HttpAnswers(url))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("`curl -fsSk " + url + "`");
    }

    @ParameterizedTest
    @CsvSource({"file, ''", "command, ' '"})
    void nothingToLookAt(String type, String target) {
        assertThatThrownBy(() -> of(type, target)).isInstanceOf(PyroException.class);
    }
}
