package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostResolversTest {
    private static final String OWN = "198.51.100.7";

    private static HostResolvers parse(String text) {
        return HostResolvers.parse(text, OWN::equals);
    }

    @Test
    void reachableServersAreUsedAsTheyAre() {
        assertThat(parse("# made by hand\nsearch example.org\nnameserver 192.0.2.1\nnameserver\t192.0.2.2\n"))
                .isEqualTo(new HostResolvers(List.of("192.0.2.1", "192.0.2.2"), false));
    }

    @Test
    void hostsOwnLoopbackIsForwarded() {
        assertThat(parse("nameserver 127.0.0.53\noptions edns0\n"))
                .isEqualTo(new HostResolvers(List.of("10.0.2.3"), true));
        assertThat(parse("nameserver ::1\nnameserver 127.0.0.1\nnameserver 192.0.2.1\n"))
                .isEqualTo(new HostResolvers(List.of("10.0.2.3", "192.0.2.1"), true));
    }

    @Test
    void hostsOwnAddressIsForwarded() {
        assertThat(parse("nameserver " + OWN + "\nnameserver 192.0.2.1\n"))
                .isEqualTo(new HostResolvers(List.of("10.0.2.3", "192.0.2.1"), true));
    }

    @Test
    void nonsenseAndSurplusAreLeftOut() {
        assertThat(parse("nameserver\nnameservers 1.2.3.4\n\u0000")).isEqualTo(new HostResolvers(List.of(), false));
        assertThat(parse("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 127.0.0.1\n"))
                .isEqualTo(new HostResolvers(List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"), false));
    }

    @Test
    void passtKeepsTheGuestFromTheHostsLoopback() {
        assertThat(EgressNetwork.commandLine(Path.of("/agent"), Path.of("/usr/bin/passt"), false))
                .containsExactly(
                        "/agent",
                        "--filter-network",
                        "passt",
                        "10.0.2.15",
                        "10.0.2.2",
                        "/usr/bin/passt",
                        "--foreground",
                        "--quiet",
                        "--ipv4-only",
                        "--fd",
                        "3",
                        "--address",
                        "10.0.2.15",
                        "--netmask",
                        "24",
                        "--gateway",
                        "10.0.2.2",
                        "--no-map-gw",
                        "--tcp-ports",
                        "none",
                        "--udp-ports",
                        "none",
                        "--no-dhcp",
                        "--no-dhcpv6",
                        "--no-ndp",
                        "--no-ra");
        assertThat(EgressNetwork.commandLine(Path.of("/agent"), Path.of("/usr/bin/passt"), true))
                .endsWith("--dns-forward", "10.0.2.3");
    }
}
