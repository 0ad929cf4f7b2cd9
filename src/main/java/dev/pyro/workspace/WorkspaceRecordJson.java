package dev.pyro.workspace;

import dev.pyro.environment.ImageSettingsJson;
import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.PyroException;
import dev.pyro.model.SecretSource;
import dev.pyro.model.SeedMode;
import dev.pyro.model.Snapshot;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceSecret;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.store.ProcessIdentityJson;
import dev.pyro.store.RecordFile;
import dev.pyro.workspace.LayerTree.State;
import dev.pyro.workspace.WorkspaceRecord.Life;
import dev.pyro.workspace.WorkspaceRecord.Origin;
import dev.pyro.workspace.WorkspaceRecord.Title;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The form of {@code workspace.json}. Stateless. */
final class WorkspaceRecordJson {
    /** Raised when an older Pyro could misread what a newer one writes. */
    static final int FORMAT_VERSION = 1;

    private static final String CREATING = "creating";
    private static final String STARTING = "starting";
    private static final String STARTED = "started";
    private static final String STOPPED = "stopped";

    private WorkspaceRecordJson() {}

    static String write(WorkspaceRecord record) {
        JsonValue.Builder builder = JsonObject.builder()
                .put("format_version", FORMAT_VERSION)
                .put("workspace_id", record.id().value())
                .put("origin", origin(record.origin()))
                .put("name", record.title().name())
                .put("labels", strings(record.title().labels()))
                .put("fresh_root", record.freshRoot())
                .put("generation", record.generation())
                .put("last_activity_at_ms", record.lastActivityAt().toEpochMilli())
                .put("reset_count", record.resetCount())
                .putNullable("last_reset_at_ms", millis(record.lastResetAt()))
                .put("files", record.files() == null ? null : files(record.files()));
        switch (record.life()) {
            case Life.Creating(var creator) ->
                builder.put("phase", CREATING).put("creator", ProcessIdentityJson.write(creator));
            case Life.Starting() -> builder.put("phase", STARTING);
            case Life.Started(String bootId) -> builder.put("phase", STARTED).put("boot_id", bootId);
            case Life.Stopped() -> builder.put("phase", STOPPED);
        }
        return Json.writePretty(builder.build()) + "\n";
    }

    /**
     * Reads a record.
     *
     * @throws IOException when there is none or it cannot be read
     * @throws PyroException {@link ErrorCode#RECORD_CORRUPT} or {@link ErrorCode#RECORD_TOO_NEW}
     */
    static WorkspaceRecord read(Path file) throws IOException {
        try {
            JsonReader json = RecordFile.read(file, FORMAT_VERSION);
            Long lastReset = json.nullableNumber("last_reset_at_ms");
            return new WorkspaceRecord(
                    new WorkspaceId(json.string("workspace_id")),
                    origin(json.object("origin")),
                    new Title(json.nullableString("name"), json.stringMap("labels")),
                    life(json),
                    isPresent(json, "files") ? files(json.object("files")) : null,
                    json.bool("fresh_root"),
                    json.integer("generation"),
                    Instant.ofEpochMilli(json.number("last_activity_at_ms")),
                    json.number("reset_count"),
                    lastReset == null ? null : Instant.ofEpochMilli(lastReset));
        } catch (JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.RECORD_CORRUPT, file + " is damaged (" + e.getMessage() + "); delete its folder", e);
        }
    }

    private static boolean isPresent(JsonReader json, String name) {
        return json.find(name)
                .filter(value -> !(value instanceof JsonValue.JsonNull))
                .isPresent();
    }

    private static Life life(JsonReader json) {
        return switch (json.string("phase")) {
            case CREATING -> new Life.Creating(ProcessIdentityJson.read(json.object("creator")));
            case STARTING -> new Life.Starting();
            case STARTED -> new Life.Started(json.string("boot_id"));
            case STOPPED -> new Life.Stopped();
            default -> throw new JsonFormatException("unknown phase \"" + json.string("phase") + "\"");
        };
    }

    private static JsonObject origin(Origin origin) {
        WorkspaceSeed seed = origin.seed();
        @Nullable ImageSettings image = origin.image();
        return JsonObject.builder()
                .put("environment", origin.environment())
                .put("environment_version", origin.environmentVersion())
                .put("environment_digest", origin.environmentDigest())
                .put("backend", origin.backend())
                .put("execution_mode", origin.executionMode().wireName())
                .put("vcpu_count", origin.vcpuCount())
                .put("mem_mib", origin.memMib())
                .put("disk_mib", origin.diskMib())
                .put("ttl_seconds", origin.ttl().toSeconds())
                .put("network_policy", origin.networkPolicy().wireName())
                .put("created_at_ms", origin.createdAt().toEpochMilli())
                .put(
                        "seed",
                        JsonObject.builder()
                                .put("mode", seed.mode().wireName())
                                .put("path", seed.seedPath())
                                .put("entry_count", seed.entryCount())
                                .put("bytes_written", seed.bytesWritten())
                                .put("skipped", JsonArray.ofStrings(seed.skipped()))
                                .put("skipped_count", seed.skippedCount())
                                .build())
                .put("secrets", secrets(origin.secrets()))
                .put("image", image == null ? null : ImageSettingsJson.write(image))
                .build();
    }

    private static Origin origin(JsonReader json) {
        JsonReader seed = json.object("seed");
        return new Origin(
                json.string("environment"),
                json.string("environment_version"),
                json.string("environment_digest"),
                json.string("backend"),
                JsonReader.constant(ExecutionMode.values(), ExecutionMode::wireName, json.string("execution_mode")),
                json.integer("vcpu_count"),
                json.integer("mem_mib"),
                json.integer("disk_mib"),
                Duration.ofSeconds(json.number("ttl_seconds")),
                JsonReader.constant(NetworkPolicy.values(), NetworkPolicy::wireName, json.string("network_policy")),
                Instant.ofEpochMilli(json.number("created_at_ms")),
                new WorkspaceSeed(
                        JsonReader.constant(SeedMode.values(), SeedMode::wireName, seed.string("mode")),
                        seed.nullableString("path"),
                        seed.number("entry_count"),
                        seed.number("bytes_written"),
                        seed.strings("skipped"),
                        seed.number("skipped_count")),
                // Workspaces of the first versions have none.
                isPresent(json, "secrets") ? secrets(json) : List.of(),
                isPresent(json, "image") ? ImageSettingsJson.read(json.object("image")) : null);
    }

    private static JsonArray secrets(List<WorkspaceSecret> secrets) {
        return new JsonArray(secrets.stream()
                .<JsonValue>map(secret -> JsonObject.builder()
                        .put("name", secret.name())
                        .put("source_kind", secret.source().wireName())
                        .build())
                .toList());
    }

    private static List<WorkspaceSecret> secrets(JsonReader json) {
        return objects(json, "secrets").stream()
                .map(secret -> new WorkspaceSecret(
                        secret.string("name"),
                        JsonReader.constant(
                                SecretSource.values(), SecretSource::wireName, secret.string("source_kind"))))
                .toList();
    }

    private static JsonObject files(LayerTree files) {
        List<JsonValue> layers = new ArrayList<>();
        for (Layer layer : files.layers()) {
            layers.add(JsonObject.builder()
                    .put("id", layer.id())
                    .putNullable("parent", number(layer.parent()))
                    .build());
        }
        List<JsonValue> states = new ArrayList<>();
        for (State state : files.states()) {
            states.add(JsonObject.builder()
                    .put("name", state.snapshot().name())
                    .put("entry_count", state.snapshot().entryCount())
                    .put("bytes_written", state.snapshot().bytesWritten())
                    .put("created_at_ms", state.snapshot().createdAt().toEpochMilli())
                    .put("layer", state.layer())
                    .build());
        }
        return JsonObject.builder()
                .put("layers", new JsonArray(layers))
                .put("head", files.head())
                .put("next_id", files.nextId())
                .putNullable("pending", number(files.pending()))
                .put("states", new JsonArray(states))
                .put("sealed_at_ms", files.sealedAt().toEpochMilli())
                .build();
    }

    private static LayerTree files(JsonReader json) {
        List<Layer> layers = objects(json, "layers").stream()
                .map(layer -> new Layer(layer.integer("id"), integer(layer.nullableNumber("parent"))))
                .toList();
        List<State> states = objects(json, "states").stream()
                .map(state -> new State(
                        new Snapshot(
                                state.string("name"),
                                state.number("entry_count"),
                                state.number("bytes_written"),
                                Instant.ofEpochMilli(state.number("created_at_ms"))),
                        state.integer("layer")))
                .toList();
        if (states.isEmpty() || !states.getFirst().snapshot().isBaseline()) {
            throw new JsonFormatException("the first of \"states\" is not the baseline");
        }
        LayerTree tree = new LayerTree(
                layers,
                json.integer("head"),
                json.integer("next_id"),
                integer(json.nullableNumber("pending")),
                states,
                Instant.ofEpochMilli(json.number("sealed_at_ms")));
        try {
            tree.headChain();
            states.forEach(state -> tree.chain(state.layer()));
        } catch (PyroException e) {
            throw new JsonFormatException(e.getMessage(), e);
        }
        return tree;
    }

    private static List<JsonReader> objects(JsonReader json, String name) {
        List<JsonReader> objects = new ArrayList<>();
        for (JsonValue value : json.array(name)) {
            if (!(value instanceof JsonObject object)) {
                throw new JsonFormatException("\"" + name + "\" holds something that is no object");
            }
            objects.add(new JsonReader(object));
        }
        return objects;
    }

    private static @Nullable Long number(@Nullable Integer value) {
        return value == null ? null : Long.valueOf(value);
    }

    private static @Nullable Integer integer(@Nullable Long value) {
        return value == null ? null : Math.toIntExact(value);
    }

    private static @Nullable Long millis(@Nullable Instant at) {
        return at == null ? null : at.toEpochMilli();
    }

    private static JsonObject strings(Map<String, String> map) {
        return new JsonObject(map.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> new JsonString(entry.getValue()))));
    }
}
