package dev.pyro.payload;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceList;
import dev.pyro.model.ServiceLogs;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The payloads about services. Texts are as {@link ByteText} has them. Stateless. */
public final class ServicePayloads {
    private ServicePayloads() {}

    /** The payload of {@code workspace service start}, {@code status} and {@code stop}. */
    public static JsonObject service(Service service) {
        return fields(service).build();
    }

    /** The payload of {@code workspace service list}. */
    public static JsonObject list(ServiceList list) {
        return WorkspacePayloads.withId(list.workspaceId())
                .put("count", list.services().size())
                .put("running_count", list.runningCount())
                .put("services", WorkspacePayloads.array(list.services(), ServicePayloads::service))
                .build();
    }

    /** The payload of {@code workspace service logs}. */
    public static JsonObject logs(ServiceLogs logs) {
        Integer tailLines = logs.tailLines();
        return fields(logs.service())
                .put("stdout", ByteText.visible(logs.stdout()))
                .put("stderr", ByteText.visible(logs.stderr()))
                .putNullable("tail_lines", tailLines == null ? null : tailLines.longValue())
                .put("truncated", logs.truncated())
                .build();
    }

    private static JsonValue.Builder fields(Service service) {
        Integer exitCode = service.exitCode();
        ServiceEnd stopReason = service.stopReason();
        return WorkspacePayloads.withId(service.workspaceId())
                .put("service_name", service.name())
                .put("state", service.state().wireName())
                .put("command", ByteText.visible(service.command()))
                .put("cwd", ByteText.visible(service.cwd()))
                .put("started_at", service.startedAt().getEpochSecond())
                .putNullable("ready_at", seconds(service.readyAt()))
                .putNullable("ended_at", seconds(service.endedAt()))
                .putNullable("exit_code", exitCode == null ? null : exitCode.longValue())
                .putNullable("pid", service.pid())
                .put("readiness", readiness(service))
                .put("stop_reason", stopReason == null ? null : stopReason.wireName())
                .put("published_ports", WorkspacePayloads.array(service.publishedPorts(), ServicePayloads::port))
                .put("execution_mode", service.executionMode().wireName());
    }

    private static JsonObject readiness(Service service) {
        Service.Probe probe = service.probe();
        boolean looked = probe.target() != null;
        return JsonObject.builder()
                .put("type", probe.type())
                .put("target", WorkspacePayloads.visible(probe.target()))
                .putNullable("timeout_seconds", looked ? probe.timeout().toSeconds() : null)
                .putNullable("interval_ms", looked ? probe.interval().toMillis() : null)
                .build();
    }

    private static JsonObject port(PublishedPort port) {
        return JsonObject.builder()
                .put("host", PublishedPort.HOST)
                .put("host_port", port.hostPort())
                .put("guest_port", port.guestPort())
                .put("protocol", PublishedPort.PROTOCOL)
                .build();
    }

    private static @Nullable Long seconds(@Nullable Instant time) {
        return time == null ? null : time.getEpochSecond();
    }
}
