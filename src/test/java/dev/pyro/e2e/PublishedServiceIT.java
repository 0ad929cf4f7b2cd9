package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.Progress;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.Readiness;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceState;
import dev.pyro.model.Snapshot;
import dev.pyro.model.StartService;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceState;
import dev.pyro.sdk.Pyro;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Services whose ports the host reaches, in virtual machines: whose port is whose, and when it is free again. */
class PublishedServiceIT extends ServiceFixture {
    private static final String SERVER = "exec python3 -u -m http.server 8080";
    private static final StartService READY = StartService.defaults()
            .withReadiness(new Readiness.HttpAnswers("http://127.0.0.1:8080/mark"))
            .withReadyTimeout(Duration.ofSeconds(60))
            .withReadyInterval(Duration.ofMillis(50));

    private static StartService at(int hostPort) {
        return READY.withPublishedPorts(List.of(new PublishPort(8080, hostPort)));
    }

    private static String get(int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/mark"))
                                    .timeout(BOUND)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static WorkspaceId workspace(Pyro facade, String mark) {
        WorkspaceId id = facade.createWorkspace(
                        "debian:12", small().withNetworkPolicy(NetworkPolicy.EGRESS_PUBLISHED_PORTS))
                .workspaceId();
        sh(facade, id, "echo " + mark + " > mark");
        return id;
    }

    @Test
    void aPortBelongsToOneRunningService() throws Exception {
        Pyro facade = facade("qemu");
        WorkspaceId first = workspace(facade, "first");
        Service chosen = facade.startService(
                first, "web", SERVER, READY.withPublishedPorts(List.of(new PublishPort(8080, null))));
        int port = hostPort(chosen);
        assertThat(get(port)).isEqualTo("first\n");
        assertThat(pyro.ok("workspace", "service", "list", first.value()))
                .isEqualTo("web [running] cwd=/workspace published=127.0.0.1:" + port + "->8080/tcp\n");

        // Within one workspace and one call.
        assertThat(fails(ErrorCode.PORT_UNAVAILABLE, () -> facade.startService(first, "x", "sleep 1000", at(port))))
                .contains("service \"web\" of workspace " + first, "port " + port);
        int another = freePort();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral(PublishedPort.HOST))) {
            StartService both = READY.withPublishedPorts(
                    List.of(new PublishPort(81, another), new PublishPort(82, taken.getLocalPort())));
            assertThat(fails(ErrorCode.PORT_UNAVAILABLE, () -> facade.startService(first, "x", "sleep 1000", both)))
                    .contains("port " + taken.getLocalPort(), "something listens on it already");
        }
        // Nothing is half started.
        assertThat(isFree(another)).isTrue();
        assertThat(facade.listServices(first).services())
                .extracting(Service::name)
                .containsExactly("web");
        assertThat(sh(facade, first, "pgrep -cx sleep || true")).isEqualTo("0\n");

        // Another workspace hears whose it is, and gets it when that has ended by itself.
        WorkspaceId second = workspace(facade, "second");
        assertThat(fails(ErrorCode.PORT_UNAVAILABLE, () -> facade.startService(second, "web", SERVER, at(port))))
                .contains("service \"web\" of workspace " + first, "pyro workspace service stop " + first + " web");
        sh(facade, first, "pkill -x python3");
        await().atMost(BOUND).until(() -> facade.statusWorkspace(first).runningServiceCount() == 0);
        assertThat(isFree(port)).isFalse();
        facade.startService(second, "web", SERVER, at(port));
        assertThat(get(port)).isEqualTo("second\n");
        Service ended = facade.statusService(first, "web");
        assertThat(ended.state()).isEqualTo(ServiceState.EXITED);
        assertThat(ended.publishedPorts()).isEmpty();

        // A failed start frees its port.
        fails(
                ErrorCode.SERVICE_NOT_READY,
                () -> facade.startService(
                        first, "never", "sleep 1000", at(another).withReadyTimeout(Duration.ofSeconds(1))));
        assertThat(isFree(another)).isTrue();
        facade.stopService(second, "web");
        assertThat(isFree(port)).isTrue();

        aKilledStartGivesItsPortBack(facade, second, port);
        theEndOfTheMachineFreesPorts(facade, first, port);
    }

    private void aKilledStartGivesItsPortBack(Pyro facade, WorkspaceId id, int port) throws InterruptedException {
        var killed = pyro.start(
                "workspace",
                "service",
                "start",
                id.value(),
                "slow",
                "--publish",
                port + ":8080",
                "--ready-file",
                "/no",
                "--",
                "sleep",
                "1000");
        await().atMost(BOUND)
                .until(() -> sh(facade, id, "pgrep -cx sleep || true").equals("1\n"));
        // Only now: to look whether it is free is to take it, and it is published before the process starts.
        assertThat(isFree(port)).isFalse();
        killed.process().destroyForcibly();
        killed.process().waitFor();
        assertThat(isFree(port)).isFalse();
        assertThat(facade.listServices(id).services())
                .filteredOn(service -> service.name().equals("slow"))
                .extracting(Service::stopReason)
                .containsExactly(ServiceEnd.START_ABANDONED);
        assertThat(isFree(port)).isTrue();
        assertThat(sh(facade, id, "pgrep -cx sleep || true")).isEqualTo("0\n");
    }

    private void theEndOfTheMachineFreesPorts(Pyro facade, WorkspaceId id, int port) throws IOException {
        facade.startService(id, "web", SERVER, at(port));
        facade.stopWorkspace(id);
        assertThat(isFree(port)).isTrue();
        Service stopped = facade.statusService(id, "web");
        assertThat(stopped.stopReason()).isEqualTo(ServiceEnd.WORKSPACE_STOPPED);
        assertThat(stopped.publishedPorts()).isEmpty();
        assertThat(logs(facade, id, "web")).contains("Serving HTTP");
        facade.startWorkspace(id);
        facade.startService(id, "web", SERVER, at(port));

        pyro.machineProcesses().stream()
                .filter(process -> process.contains("qemu") && process.contains(id.value()))
                .map(process -> Long.parseLong(process.substring(0, process.indexOf(' '))))
                .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        await().atMost(BOUND).until(() -> facade.statusWorkspace(id).state() == WorkspaceState.CRASHED);
        await().atMost(BOUND).until(() -> isFree(port));
        assertThat(facade.statusWorkspace(id).runningServiceCount()).isZero();
        Service crashed = facade.statusService(id, "web");
        assertThat(crashed.state()).isEqualTo(ServiceState.EXITED);
        assertThat(crashed.stopReason()).isEqualTo(ServiceEnd.MACHINE_ENDED);
        assertThat(crashed.exitCode()).isNull();
        assertThat(logs(facade, id, "web")).isEmpty();
        facade.startWorkspace(id);
        facade.startService(id, "web", SERVER, at(port));

        facade.resetWorkspace(id, Snapshot.BASELINE, Progress.Listener.NONE);
        assertThat(isFree(port)).isTrue();
        assertThat(facade.listServices(id).services()).isEmpty();
        sh(facade, id, "echo again > mark");
        facade.startService(id, "web", SERVER, at(port));
        facade.deleteWorkspace(id);
        assertThat(isFree(port)).isTrue();
        fails(ErrorCode.WORKSPACE_NOT_FOUND, () -> facade.listServices(id));
    }
}
