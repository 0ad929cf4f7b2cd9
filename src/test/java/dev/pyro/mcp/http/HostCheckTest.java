package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.PyroException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostCheckTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 8417);

    private final HostCheck check = new HostCheck(List.of("proxy.example.org", "tunnel.example.org:9000"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:8417",
                "LOCALHOST:8417",
                "127.0.0.1:8417",
                "[::1]:8417",
                "192.0.2.7:8417",
                "proxy.example.org",
                "proxy.example.org:443",
                "Proxy.Example.org",
                "tunnel.example.org:9000"
            })
    void ours(String host) {
        assertThat(check.isOurs(List.of(host), LOCAL)).isTrue();
        assertThat(check.isOwnOrigin(List.of("http://" + host), LOCAL)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example.com",
                "evil.example.com:8417",
                "localhost",
                "localhost:80",
                "localhost:8418",
                "192.0.2.8:8417",
                "localhost.evil.example.com:8417",
                "localhost:8417@evil.example.com",
                "localhost:8417/",
                "a.proxy.example.org",
                "tunnel.example.org",
                "tunnel.example.org:9001",
                "localhost:",
                "localhost:123456",
                "[::2]:8417",
                " localhost:8417"
            })
    void notOurs(String host) {
        assertThat(check.isOurs(List.of(host), LOCAL)).isFalse();
        assertThat(check.isOwnOrigin(List.of("http://" + host), LOCAL)).isFalse();
    }

    @Test
    void aRequestNamesOneHostAndAtMostOneOrigin() {
        assertThat(check.isOurs(List.of(), LOCAL)).isFalse();
        assertThat(check.isOurs(List.of("localhost:8417", "localhost:8417"), LOCAL))
                .isFalse();
        assertThat(check.isOwnOrigin(List.of(), LOCAL)).isTrue();
        assertThat(check.isOwnOrigin(List.of("http://localhost:8417", "http://localhost:8417"), LOCAL))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "localhost:8417",
                "file://",
                "ftp://localhost:8417",
                "https://localhost:8418",
                "http://"
            })
    void noOriginOfOurs(String origin) {
        assertThat(check.isOwnOrigin(List.of(origin), LOCAL)).isFalse();
    }

    @Test
    void anAddressStandsForItselfOnlyWhereTheRequestArrived() {
        InetSocketAddress other = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 80);
        assertThat(check.isOurs(List.of("[2001:DB8:0::1]"), other)).isTrue();
        assertThat(check.isOurs(List.of("192.0.2.7"), other)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://proxy", "proxy:port", "a b", "*", "proxy/"})
    void whatCannotBeAllowed(String name) {
        assertThatThrownBy(() -> new HostCheck(List.of(name)))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("NAME:PORT");
    }
}
