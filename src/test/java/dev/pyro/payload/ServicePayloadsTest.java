package dev.pyro.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceList;
import dev.pyro.model.ServiceLogs;
import dev.pyro.model.ServiceState;
import dev.pyro.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the payloads about services to the interface contract, to the last character. */
class ServicePayloadsTest {
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");
    private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final Service RUNNING = new Service(
            ID,
            "web",
            ServiceState.RUNNING,
            "serve caf\uDCE9",
            "/workspace",
            new Service.Probe("tcp", "127.0.0.1:8080", Duration.ofSeconds(30), Duration.ofMillis(500)),
            STARTED,
            STARTED.plusSeconds(1),
            null,
            null,
            77L,
            null,
            List.of(new PublishedPort(18_080, 8080)),
            ExecutionMode.GUEST_VIRTIO);
    private static final Service ENDED = new Service(
            ID,
            "job",
            ServiceState.EXITED,
            "true",
            "/",
            new Service.Probe("none", null, Duration.ofSeconds(30), Duration.ofMillis(500)),
            STARTED,
            STARTED.plusSeconds(1),
            STARTED.plusSeconds(2),
            3,
            null,
            ServiceEnd.EXITED,
            List.of(),
            ExecutionMode.HOST_COMPAT);
    private static final String RUNNING_FIELDS =
            "\"command\":\"serve caf\\\\xe9\",\"cwd\":\"/workspace\",\"ended_at\":null,"
                    + "\"execution_mode\":\"guest_virtio\",\"exit_code\":null,\"pid\":77,"
                    + "\"published_ports\":[{\"guest_port\":8080,\"host\":\"127.0.0.1\",\"host_port\":18080,\"protocol\":\"tcp\"}],"
                    + "\"readiness\":{\"interval_ms\":500,\"target\":\"127.0.0.1:8080\",\"timeout_seconds\":30,\"type\":\"tcp\"},"
                    + "\"ready_at\":1767323046,\"service_name\":\"web\",\"started_at\":1767323045,\"state\":\"running\",";
    private static final String ENDED_FIELDS = "\"command\":\"true\",\"cwd\":\"/\",\"ended_at\":1767323047,"
            + "\"execution_mode\":\"host_compat\",\"exit_code\":3,\"pid\":null,\"published_ports\":[],"
            + "\"readiness\":{\"interval_ms\":null,\"target\":null,\"timeout_seconds\":null,\"type\":\"none\"},"
            + "\"ready_at\":1767323046,\"service_name\":\"job\",\"started_at\":1767323045,\"state\":\"exited\",";
    private static final String WORKSPACE = "\"workspace_id\":\"ws-0123456789ab\"}";

    @Test
    void aService() {
        assertThat(Json.write(ServicePayloads.service(RUNNING)))
                .isEqualTo("{" + RUNNING_FIELDS + "\"stop_reason\":null," + WORKSPACE);
        assertThat(Json.write(ServicePayloads.service(ENDED)))
                .isEqualTo("{" + ENDED_FIELDS + "\"stop_reason\":\"exited\"," + WORKSPACE);
    }

    @Test
    void list() {
        assertThat(Json.write(ServicePayloads.list(new ServiceList(ID, List.of(RUNNING, ENDED)))))
                .isEqualTo("{\"count\":2,\"running_count\":1,\"services\":[{" + RUNNING_FIELDS + "\"stop_reason\":null,"
                        + WORKSPACE + ",{" + ENDED_FIELDS + "\"stop_reason\":\"exited\"," + WORKSPACE + "],"
                        + WORKSPACE);
    }

    @Test
    void logs() {
        assertThat(Json.write(ServicePayloads.logs(new ServiceLogs(ENDED, "out\n", "err", 200, true))))
                .isEqualTo("{" + ENDED_FIELDS
                        + "\"stderr\":\"err\",\"stdout\":\"out\\n\",\"stop_reason\":\"exited\",\"tail_lines\":200,\"truncated\":true,"
                        + WORKSPACE);
        assertThat(Json.write(ServicePayloads.logs(new ServiceLogs(ENDED, "", "", null, false))))
                .contains("\"tail_lines\":null,\"truncated\":false");
    }
}
