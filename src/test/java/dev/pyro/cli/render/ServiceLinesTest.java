package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ExecutionMode;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceList;
import dev.pyro.model.ServiceState;
import dev.pyro.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the human lines about services to the interface contract, to the last character. */
class ServiceLinesTest {
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");

    private static Service service(String name, ServiceState state, PublishedPort... ports) {
        return new Service(
                ID,
                name,
                state,
                "serve",
                "/work\nspace",
                new Service.Probe("none", null, Duration.ofSeconds(30), Duration.ofMillis(500)),
                Instant.EPOCH,
                null,
                null,
                null,
                null,
                null,
                List.of(ports),
                ExecutionMode.GUEST_VIRTIO);
    }

    @Test
    void aService() {
        assertThat(ServiceLines.service("stop", service("web", ServiceState.STOPPED)))
                .isEqualTo("[workspace-service-stop] workspace_id=ws-0123456789ab service_name=web state=stopped"
                        + " cwd=/work\\u000aspace execution_mode=guest_virtio");
        assertThat(ServiceLines.service(
                        "start",
                        service(
                                "web",
                                ServiceState.RUNNING,
                                new PublishedPort(18_080, 8080),
                                new PublishedPort(18_081, 8081))))
                .endsWith(" execution_mode=guest_virtio"
                        + " published_ports=127.0.0.1:18080->8080/tcp,127.0.0.1:18081->8081/tcp");
    }

    @Test
    void list() {
        assertThat(ServiceLines.list(new ServiceList(ID, List.of()))).containsExactly("No workspace services found.");
        assertThat(ServiceLines.list(new ServiceList(
                        ID,
                        List.of(
                                service("job", ServiceState.EXITED),
                                service("web", ServiceState.RUNNING, new PublishedPort(18_080, 8080))))))
                .containsExactly(
                        "job [exited] cwd=/work\\u000aspace",
                        "web [running] cwd=/work\\u000aspace published=127.0.0.1:18080->8080/tcp");
    }
}
