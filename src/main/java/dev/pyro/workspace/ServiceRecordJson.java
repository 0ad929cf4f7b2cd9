package dev.pyro.workspace;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceState;
import dev.pyro.store.ProcessIdentityJson;
import dev.pyro.store.RecordFile;
import dev.pyro.workspace.ServiceRecord.Life;
import dev.pyro.workspace.ServiceRecord.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The form of a service's record. Stateless. */
final class ServiceRecordJson {
    /** Raised when an older Pyro could misread what a newer one writes. */
    static final int FORMAT_VERSION = 1;

    private static final String STARTING = "starting";
    private static final String READY = "ready";
    private static final String ENDED = "ended";
    private static final String READY_AT = "ready_at_ms";

    private ServiceRecordJson() {}

    static String write(ServiceRecord record) {
        Settings settings = record.settings();
        Service.Probe probe = settings.probe();
        List<JsonValue> ports = record.ports().stream()
                .<JsonValue>map(port -> JsonObject.builder()
                        .put("host_port", port.hostPort())
                        .put("guest_port", port.guestPort())
                        .build())
                .toList();
        JsonValue.Builder builder = JsonObject.builder()
                .put("format_version", FORMAT_VERSION)
                .put("service_name", record.name())
                .put("run_id", record.runId())
                .put("machine", ProcessIdentityJson.write(record.machine()))
                .put("command", settings.command())
                .put("cwd", settings.cwd())
                .put(
                        "probe",
                        JsonObject.builder()
                                .put("type", probe.type())
                                .put("target", probe.target())
                                .put("timeout_ms", probe.timeout().toMillis())
                                .put("interval_ms", probe.interval().toMillis())
                                .build())
                .put("ports", new JsonArray(ports))
                .put("started_at_ms", record.startedAt().toEpochMilli())
                .putNullable(READY_AT, millis(record.readyAt()));
        switch (record.life()) {
            case Life.Starting(var starter) ->
                builder.put("phase", STARTING).put("starter", ProcessIdentityJson.write(starter));
            case Life.Ready _ -> builder.put("phase", READY);
            case Life.Ended ended -> {
                Integer exitCode = ended.exitCode();
                builder.put("phase", ENDED)
                        .put("state", ended.state().wireName())
                        .put("stop_reason", ended.reason().wireName())
                        .putNullable("ended_at_ms", millis(ended.endedAt()))
                        .putNullable("exit_code", exitCode == null ? null : exitCode.longValue());
            }
        }
        return Json.writePretty(builder.build()) + "\n";
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    /**
     * Reads a record.
     *
     * @throws IOException when there is none or it cannot be read
     * @throws PyroException {@link ErrorCode#RECORD_CORRUPT} or {@link ErrorCode#RECORD_TOO_NEW}
     */
    static ServiceRecord read(Path file) throws IOException {
        try {
            JsonReader json = RecordFile.read(file, FORMAT_VERSION);
            JsonReader probe = json.object("probe");
            return new ServiceRecord(
                    json.string("service_name"),
                    json.string("run_id"),
                    ProcessIdentityJson.read(json.object("machine")),
                    new Settings(
                            json.string("command"),
                            json.string("cwd"),
                            new Service.Probe(
                                    probe.string("type"),
                                    probe.nullableString("target"),
                                    Duration.ofMillis(probe.number("timeout_ms")),
                                    Duration.ofMillis(probe.number("interval_ms")))),
                    json.array("ports").stream().map(ServiceRecordJson::port).toList(),
                    Instant.ofEpochMilli(json.number("started_at_ms")),
                    life(json));
        } catch (JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.RECORD_CORRUPT,
                    file + " is damaged (" + e.getMessage() + "); stop the workspace, and delete the file",
                    e);
        }
    }

    private static PublishedPort port(JsonValue value) {
        if (!(value instanceof JsonObject object)) {
            throw new JsonFormatException("a port is no object");
        }
        JsonReader json = new JsonReader(object);
        return new PublishedPort(json.integer("host_port"), json.integer("guest_port"));
    }

    private static Life life(JsonReader json) {
        Instant readyAt = instant(json.nullableNumber(READY_AT));
        return switch (json.string("phase")) {
            case STARTING -> new Life.Starting(ProcessIdentityJson.read(json.object("starter")));
            case READY -> {
                if (readyAt == null) {
                    throw new JsonFormatException("it does not say since when the service is ready");
                }
                yield new Life.Ready(readyAt);
            }
            case ENDED -> {
                Long exitCode = json.nullableNumber("exit_code");
                yield new Life.Ended(
                        JsonReader.constant(ServiceState.values(), ServiceState::wireName, json.string("state")),
                        JsonReader.constant(ServiceEnd.values(), ServiceEnd::wireName, json.string("stop_reason")),
                        readyAt,
                        instant(json.nullableNumber("ended_at_ms")),
                        exitCode == null ? null : exitCode.intValue());
            }
            default -> throw new JsonFormatException("unknown phase \"" + json.string("phase") + "\"");
        };
    }

    private static @Nullable Instant instant(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }
}
