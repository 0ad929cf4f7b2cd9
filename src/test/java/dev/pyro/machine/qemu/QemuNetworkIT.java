package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.machine.MachineSite;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.os.Host;
import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What real machines reach and what reaches them, on a host and in a world of the test's own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class QemuNetworkIT {
    private static final String SECRET = "only-for-the-host-itself";
    private static final String GREETING = "from-outside";
    private static final String SECRET_ADDRESS = "203.0.113.6";
    private static final String NAMED_OUTSIDE = "203.0.113.7";
    private static final String NAMED_ON_HOST = "203.0.113.8";
    private static final String ADDED_LATER = "10.99.7.1";
    private static final String EVERYWHERE = "0.0.0.0";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String REQUEST = "GET /word HTTP/1.0\r\n\r\n";
    private static final int DNS_PORT = 53;
    private static final int CLIENTS = 200;

    /** Seconds, for what nobody is to answer and for what somebody is. */
    private static final int SOON = 3;

    private static final int LATEST = 30;
    private static final String EGRESS = "vm-00000000000a";
    private static final String PUBLISHING = "vm-00000000000b";
    private static final String ALONE = "vm-00000000000c";

    private final QemuSite site = new QemuSite(MachineSite.createFolder());
    private NetworkNamespaces namespaces;
    private NetworkPeer host;
    private NetworkPeer outside;
    private String secretTcp;
    private String secretUdp;
    private String outsideTcp;
    private String outsideUdp;

    @BeforeAll
    void prepare() throws IOException {
        assumeThat(Host.isRoot()).as("only root makes network namespaces").isTrue();
        site.prepare();
        // Here, because a kernel that is not in the cache yet comes from the network.
        QemuSite.guestImage();
        namespaces = NetworkNamespaces.create(site.base());
        host = NetworkPeer.start(namespaces.onHost(NetworkPeer.commandLine(site.base())));
        outside = NetworkPeer.start(namespaces.outside(NetworkPeer.commandLine(site.base())));
        secretTcp = host.call("serve-tcp", EVERYWHERE, SECRET);
        secretUdp = host.call("serve-names", EVERYWHERE, 0, SECRET_ADDRESS);
        host.call("serve-names", NetworkNamespaces.HOST_ELSEWHERE, DNS_PORT, NAMED_ON_HOST);
        outsideTcp = outside.call("serve-tcp", NetworkNamespaces.OUTSIDE, GREETING);
        outsideUdp = outside.call("serve-names", NetworkNamespaces.OUTSIDE, 0, NAMED_OUTSIDE);
        outside.call("serve-names", NetworkNamespaces.OUTSIDE, DNS_PORT, NAMED_OUTSIDE);
        namespaces.setNameServer(NetworkNamespaces.OUTSIDE);
        start(EGRESS, NetworkMode.EGRESS);
        namespaces.setNameServer(NetworkNamespaces.HOST_ELSEWHERE);
        start(PUBLISHING, NetworkMode.EGRESS_PUBLISHED);
        assertThat(inGuest(
                        PUBLISHING,
                        "mkdir /tmp/www && echo well > /tmp/www/word && httpd -p 8080 -h /tmp/www"
                                + " && httpd -p 127.0.0.1:8081 -h /tmp/www && echo served"))
                .isEqualTo("served");
    }

    @AfterAll
    void delete() {
        for (AutoCloseable peer : new AutoCloseable[] {host, outside, namespaces}) {
            try {
                if (peer != null) {
                    peer.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        site.delete();
    }

    @Test
    void egressReachesTheOutside() throws IOException {
        for (String id : List.of(EGRESS, PUBLISHING)) {
            assertThat(inGuest(id, tcp(NetworkNamespaces.OUTSIDE, outsideTcp, LATEST)))
                    .isEqualTo(GREETING);
            assertThat(inGuest(id, udp(NetworkNamespaces.OUTSIDE, outsideUdp, LATEST)))
                    .contains(NAMED_OUTSIDE);
        }
    }

    @Test
    void namesAreFoundWhereTheHostFindsThem() throws IOException {
        assertThat(inGuest(EGRESS, "cat /etc/resolv.conf")).contains(NetworkNamespaces.OUTSIDE);
        assertThat(inGuest(EGRESS, "nslookup some.name.test")).contains(NAMED_OUTSIDE);
        // A server on the host's own address, which the guest itself may not reach.
        assertThat(inGuest(PUBLISHING, "cat /etc/resolv.conf")).contains(HostResolvers.FORWARD_ADDRESS);
        assertThat(inGuest(PUBLISHING, "nslookup some.name.test")).contains(NAMED_ON_HOST);
    }

    @Test
    void egressDoesNotReachTheHost() throws IOException {
        namespaces.addAddress(ADDED_LATER + "/32", "lo");
        List<String> own = List.of(LOOPBACK, NetworkNamespaces.HOST, NetworkNamespaces.HOST_ELSEWHERE, ADDED_LATER);
        for (String address : own) {
            assertThat(host.call("connect", address, secretTcp, "")).isEqualTo(SECRET);
        }
        assertThat(outside.call("connect", NetworkNamespaces.HOST, secretTcp, ""))
                .isEqualTo(SECRET);
        StringBuilder attempts = new StringBuilder(
                // Root of the guest sends to 127.0.0.1 through its card.
                "ip addr del 127.0.0.1/8 dev lo; echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet;"
                        + " ip route add 127.0.0.0/8 via 10.0.2.2;");
        for (String target : List.of("10.0.2.2", HostResolvers.FORWARD_ADDRESS, "127.5.6.7")) {
            attempts.append(" (").append(tcp(target, secretTcp, SOON)).append(") &");
            attempts.append(" (").append(udp(target, secretUdp, SOON)).append(") &");
        }
        for (String target : own) {
            attempts.append(" (").append(tcp(target, secretTcp, SOON)).append(") &");
            attempts.append(" (").append(udp(target, secretUdp, SOON)).append(") &");
        }
        assertThat(inGuest(EGRESS, attempts + " wait; echo over; ip addr add 127.0.0.1/8 dev lo"))
                .doesNotContain(SECRET, SECRET_ADDRESS)
                .contains("over");
        assertThat(inGuest(EGRESS, tcp(NetworkNamespaces.OUTSIDE, outsideTcp, LATEST)))
                .isEqualTo(GREETING);
    }

    @Test
    void nothingReachesAGuestFromOutside() throws IOException {
        int port = publishOnAFreePort(8080);
        for (String address : List.of("10.0.2.15", NetworkNamespaces.HOST)) {
            for (int target : List.of(8080, port)) {
                assertThat(outside.call("connect-soon", address, target, REQUEST))
                        .doesNotContain("well");
            }
        }
        assertThat(host.call("connect", NetworkNamespaces.HOST, port, REQUEST)).contains("ConnectException");
        host.call("unpublish", PUBLISHING, port);
    }

    @Test
    void publishedPortsLeadToTheGuestsServers() throws IOException {
        int port = publishOnAFreePort(8080);
        int toItsLoopback = publishOnAFreePort(8081);
        int toNobody = publishOnAFreePort(8082);

        assertThat(host.call("connect", LOOPBACK, port, REQUEST)).endsWith("well\n");
        assertThat(host.call("connect", LOOPBACK, toItsLoopback, REQUEST)).endsWith("well\n");
        assertThat(host.call("connect", LOOPBACK, toNobody, REQUEST)).contains("SocketException");
        assertThat(host.call("connect-many", LOOPBACK, port, CLIENTS, REQUEST, "well"))
                .isEqualTo(Integer.toString(CLIENTS));

        for (int published : List.of(port, toItsLoopback, toNobody)) {
            assertThat(host.call("unpublish", PUBLISHING, published)).isEqualTo("unpublished");
            assertThat(host.call("connect", LOOPBACK, published, REQUEST)).contains("ConnectException");
        }
        assertThat(host.call("unpublish", PUBLISHING, port)).isEqualTo("unpublished");
    }

    @Test
    void portThatCannotBeHadIsRefused() throws IOException {
        int port = publishOnAFreePort(8080);
        for (String taken : List.of(secretTcp, Integer.toString(port))) {
            assertThat(host.call("publish", PUBLISHING, taken, 8080))
                    .startsWith("PORT_UNAVAILABLE: ")
                    .contains("port " + taken, PUBLISHING, "something listens on it already", "choose another port");
        }
        for (int privileged : List.of(1, 80, 1023)) {
            assertThat(host.call("publish", PUBLISHING, privileged, 8080))
                    .startsWith("PORT_UNAVAILABLE: ")
                    .contains("port " + privileged, "below 1024");
        }
        assertThat(host.call("publish", EGRESS, 20_000, 8080)).contains("IllegalStateException");
        assertThat(host.call("unpublish", EGRESS, 20_000)).contains("IllegalStateException");
        assertThat(host.call("connect", LOOPBACK, port, REQUEST)).endsWith("well\n");
        host.call("unpublish", PUBLISHING, port);
    }

    @Test
    void everythingEndsWithTheMachineHoweverThatEnds() throws IOException {
        assertEverythingEnds("vm-00000000000d", false);
        assertEverythingEnds("vm-00000000000e", true);
    }

    private void assertEverythingEnds(String id, boolean killed) throws IOException {
        start(id, NetworkMode.EGRESS_PUBLISHED);
        MachineRecord record = MachineRecord.read(
                        new MachineFolder(site.paths().vms().resolve(id)).record())
                .orElseThrow();
        int port = publishOnAFreePort(8080);
        host.call("unpublish", PUBLISHING, port);
        assertThat(host.call("publish", id, port, 8080)).isEqualTo("published");
        assertThat(record.companions()).hasSize(2).allMatch(ProcessIdentity::isAlive);
        if (killed) {
            record.process().kill();
            // QEMU connects in the background: when it dies before, the filter waits for a minute for a machine.
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(record.companions().stream()
                                    .filter(ProcessIdentity::isAlive)
                                    .map(companion -> ProcessHandle.of(companion.pid())
                                            .flatMap(process -> process.info().commandLine())))
                            .isEmpty());
        }
        assertThat(host.call("stop", id)).isEqualTo("stopped");

        assertThat(record.companions()).noneMatch(ProcessIdentity::isAlive);
        assertThat(host.call("publish", id, port, 8080)).startsWith("MACHINE_DIED: ");
        assertThat(host.call("unpublish", id, port)).isEqualTo("unpublished");
        assertThat(host.call("publish", PUBLISHING, port, 8080)).isEqualTo("published");
        host.call("unpublish", PUBLISHING, port);
    }

    @Test
    void machineWithoutANetworkHasNothingButItsLoopback() throws IOException {
        start(ALONE, NetworkMode.NONE);
        assertThat(inGuest(ALONE, "ls /sys/class/net")).isEqualTo("lo");
        assertThat(host.call("publish", ALONE, 20_000, 8080)).contains("IllegalStateException");
        host.call("stop", ALONE);
    }

    private void start(String id, NetworkMode mode) throws IOException {
        assertThat(host.call("start", id, mode)).isEqualTo("started");
    }

    private String inGuest(String id, String command) throws IOException {
        return host.call("run", id, command);
    }

    /**
     * Returns a command that prints what a server of the test says, and gives up after so many seconds.
     *
     * <p>Its input is a pipe that never ends, for at the end of its input nc closes its half of the connection, and what comes after that
     * Debian 12's passt may give the guest several times (decision 9).
     */
    private static String tcp(String address, String port, int seconds) {
        return "mkfifo /tmp/silence 2> /dev/null; timeout " + seconds + " nc " + address + " " + port
                + " <> /tmp/silence";
    }

    private static String udp(String address, String port, int seconds) {
        return "timeout " + seconds + " nslookup -type=a some.name.test " + address + ":" + port;
    }

    /** Another program may take a port between two looks; then another one is tried. */
    private int publishOnAFreePort(int guestPort) throws IOException {
        for (int port = 21_000; port < 21_100; port++) {
            if (host.call("publish", PUBLISHING, port, guestPort).equals("published")) {
                return port;
            }
        }
        throw new AssertionError("none of a hundred ports can be published");
    }
}
