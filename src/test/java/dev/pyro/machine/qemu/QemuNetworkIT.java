package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.pyro.machine.GuestSession;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineSite;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.Progress;
import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way out of real machines, and what it does not lead to. */
@Timeout(300)
class QemuNetworkIT {
    private static final String SECRET = "only-for-the-host-itself";

    private final QemuSite site = new QemuSite(MachineSite.createFolder());

    @BeforeEach
    void prepare() throws IOException {
        site.prepare();
    }

    @AfterEach
    void delete() {
        site.delete();
    }

    @Test
    void cloneReachesTheHostsNetworkButNotItsLoopback() throws IOException {
        Optional<InetAddress> address = hostAddress();
        assumeThat(address).isPresent();
        HttpServer outside = serve(address.get(), "from outside");
        HttpServer inside = serve(InetAddress.getLoopbackAddress(), SECRET);
        try {
            // The first one builds the template, the second one is restored with another connection to another passt.
            for (String id : List.of("vm-00000000000a", "vm-00000000000b")) {
                Machine machine = start(id);
                ProcessIdentity passt = passtOf(machine);
                try (GuestSession session = GuestSession.first(machine, true)) {
                    assertThat(passt.isAlive()).isTrue();
                    assertThat(fetch(session, address.get().getHostAddress(), outside))
                            .contains("\r\n\r\nfrom outside");
                    Machine.GuestNetwork network = machine.network().orElseThrow();
                    assertThat(session.run("cat /etc/resolv.conf").output()).contains(network.nameServers());
                    for (String target : List.of("127.0.0.1", network.gateway(), HostResolvers.FORWARD_ADDRESS)) {
                        assertThat(fetch(session, target, inside)).doesNotContain(SECRET);
                    }
                } finally {
                    machine.stop();
                }
                assertThat(passt.isAlive()).isFalse();
            }
        } finally {
            outside.stop(0);
            inside.stop(0);
        }
    }

    @Test
    void passtEndsWithItsMachineWhoeverKillsIt() {
        Machine machine = start("vm-00000000000a");
        ProcessIdentity passt = passtOf(machine);
        machine.process().kill();

        await().atMost(Duration.ofSeconds(30)).until(() -> !passt.isAlive());
        machine.stop();
    }

    /** The test's root has no curl, and its wget needs name services. */
    private static String fetch(GuestSession session, String host, HttpServer server) {
        return session.run("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 10 nc " + host + " "
                        + server.getAddress().getPort())
                .output();
    }

    private Machine start(String id) {
        MachineSpec spec = site.spec(id, true, StartMode.TEMPLATE);
        return site.backend()
                .start(
                        new MachineSpec(
                                id,
                                spec.directory(),
                                spec.root(),
                                1,
                                256,
                                spec.rootDiskBytes(),
                                MachineSpec.DEFAULT_WORK_DISK_BYTES,
                                NetworkMode.EGRESS,
                                null,
                                true,
                                StartMode.TEMPLATE),
                        Progress.Listener.NONE);
    }

    private ProcessIdentity passtOf(Machine machine) {
        Path record = new MachineFolder(site.paths().vms().resolve(machine.id())).record();
        return MachineRecord.read(record).orElseThrow().networkProcess().orElseThrow();
    }

    private static HttpServer serve(InetAddress address, String text) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address, 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static Optional<InetAddress> hostAddress() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
    }
}
