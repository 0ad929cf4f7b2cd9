package dev.pyro.workspace;

import dev.pyro.environment.ImageSettingsJson;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.PyroException;
import dev.pyro.model.Vm;
import dev.pyro.model.VmId;
import dev.pyro.model.VmState;
import dev.pyro.os.HostEntropy;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.ProcessIdentityJson;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a virtual machine, {@code vm.json}; {@code docs/state-format.md} describes it.
 *
 * @param id its id
 * @param environment the environment's name
 * @param environmentVersion the version of the environment's definition
 * @param environmentDigest what its root started from
 * @param state where it is in its life
 * @param vcpuCount virtual processors
 * @param memMib memory in MiB
 * @param ttl how long it lives after its last use
 * @param createdAt when it was created
 * @param lastActivityAt when it was last used
 * @param network whether it may reach the outside
 * @param allowHostCompat whether namespaces may stand in for a guest
 * @param metadata the caller's own notes
 * @param backend the back end that runs it, or null until it was first started
 * @param executionMode how commands are run in it, or null until it was first started
 * @param image how commands run in it, or null for an environment of the catalogue
 * @param owner the process whose end is the machine's end, or null for a machine that outlives its makers
 * @param startedFrom while a machine without an owner is being started, the state that it was in before; else null
 */
record VmRecord(
        VmId id,
        String environment,
        String environmentVersion,
        String environmentDigest,
        VmState state,
        int vcpuCount,
        int memMib,
        Duration ttl,
        Instant createdAt,
        Instant lastActivityAt,
        boolean network,
        boolean allowHostCompat,
        Map<String, String> metadata,
        @Nullable String backend,
        @Nullable ExecutionMode executionMode,
        @Nullable ImageSettings image,
        @Nullable ProcessIdentity owner,
        @Nullable VmState startedFrom) {
    /** Raised when an older Pyro could misread what a newer one writes. */
    static final int FORMAT_VERSION = 1;

    VmRecord {
        metadata = Map.copyOf(metadata);
    }

    /** A machine that nothing runs yet, and that outlives its makers. */
    static VmRecord create(InstalledEnvironment environment, CreateVm options, Instant now) {
        return new VmRecord(
                VmId.of(HostEntropy.draw(VmId.RANDOM_BYTES)),
                environment.name(),
                environment.version(),
                environment.digest(),
                VmState.CREATED,
                options.vcpuCount(),
                options.memMib(),
                options.ttl(),
                now,
                now,
                options.network(),
                options.allowHostCompat(),
                options.metadata(),
                null,
                null,
                environment.settings(),
                null,
                null);
    }

    /** The same machine, started by a process and ending with it. */
    VmRecord withOwner(ProcessIdentity process, String backendName, ExecutionMode mode) {
        return with(VmState.STARTED, null, lastActivityAt, backendName, mode, process);
    }

    Instant expiresAt() {
        return lastActivityAt.plus(ttl);
    }

    /** Tells whether nobody can want the machine any more. */
    boolean isAbandoned(Instant now) {
        return owner != null ? !owner.isAlive() : expiresAt().isBefore(now);
    }

    NetworkMode networkMode() {
        return network ? NetworkMode.EGRESS : NetworkMode.NONE;
    }

    VmRecord withState(VmState newState) {
        return with(newState, null, lastActivityAt, backend, executionMode, owner);
    }

    /** It counts as started from now on, and works when it was started. */
    VmRecord withStarting(String backendName, ExecutionMode mode) {
        return with(VmState.STARTED, state, lastActivityAt, backendName, mode, owner);
    }

    /** The record from before a start that is under way, or this one. */
    VmRecord beforeStart() {
        if (startedFrom == null) {
            return this;
        }
        boolean first = startedFrom == VmState.CREATED;
        return with(startedFrom, null, lastActivityAt, first ? null : backend, first ? null : executionMode, owner);
    }

    VmRecord withActivity(Instant at) {
        return with(state, startedFrom, at, backend, executionMode, owner);
    }

    private VmRecord with(
            VmState newState,
            @Nullable VmState newStartedFrom,
            Instant activity,
            @Nullable String newBackend,
            @Nullable ExecutionMode newMode,
            @Nullable ProcessIdentity newOwner) {
        return new VmRecord(
                id,
                environment,
                environmentVersion,
                environmentDigest,
                newState,
                vcpuCount,
                memMib,
                ttl,
                createdAt,
                activity,
                network,
                allowHostCompat,
                metadata,
                newBackend,
                newMode,
                image,
                newOwner,
                newStartedFrom);
    }

    Vm toVm() {
        return new Vm(
                id,
                environment,
                state,
                vcpuCount,
                memMib,
                ttl,
                createdAt,
                expiresAt(),
                network,
                executionMode,
                metadata);
    }

    String toJson() {
        return Json.writePretty(JsonObject.builder()
                        .put("format_version", FORMAT_VERSION)
                        .put("vm_id", id.value())
                        .put("environment", environment)
                        .put("environment_version", environmentVersion)
                        .put("environment_digest", environmentDigest)
                        .put("state", state.wireName())
                        .put("vcpu_count", vcpuCount)
                        .put("mem_mib", memMib)
                        .put("ttl_seconds", ttl.toSeconds())
                        .put("created_at_ms", createdAt.toEpochMilli())
                        .put("last_activity_at_ms", lastActivityAt.toEpochMilli())
                        .put("network", network)
                        .put("allow_host_compat", allowHostCompat)
                        .put(
                                "metadata",
                                new JsonObject(metadata.entrySet().stream()
                                        .collect(Collectors.toMap(
                                                Map.Entry::getKey, entry -> new JsonString(entry.getValue())))))
                        .put("backend", backend)
                        .put("execution_mode", executionMode == null ? null : executionMode.wireName())
                        .put("image", image == null ? null : ImageSettingsJson.write(image))
                        .put("owner", owner == null ? null : ProcessIdentityJson.write(owner))
                        .put("started_from", startedFrom == null ? null : startedFrom.wireName())
                        .build())
                + "\n";
    }

    /**
     * Reads a record.
     *
     * @throws IOException when there is none or it cannot be read
     * @throws PyroException {@link ErrorCode#RECORD_CORRUPT} or {@link ErrorCode#RECORD_TOO_NEW}
     */
    static VmRecord read(Path file) throws IOException {
        try {
            JsonReader reader = RecordFile.read(file, FORMAT_VERSION);
            String mode = reader.nullableString("execution_mode");
            String from = reader.find("started_from").isPresent() ? reader.string("started_from") : null;
            return new VmRecord(
                    new VmId(reader.string("vm_id")),
                    reader.string("environment"),
                    reader.string("environment_version"),
                    reader.string("environment_digest"),
                    state(reader.string("state")),
                    reader.integer("vcpu_count"),
                    reader.integer("mem_mib"),
                    Duration.ofSeconds(reader.number("ttl_seconds")),
                    Instant.ofEpochMilli(reader.number("created_at_ms")),
                    Instant.ofEpochMilli(reader.number("last_activity_at_ms")),
                    reader.bool("network"),
                    reader.bool("allow_host_compat"),
                    reader.stringMap("metadata"),
                    reader.nullableString("backend"),
                    mode == null ? null : JsonReader.constant(ExecutionMode.values(), ExecutionMode::wireName, mode),
                    reader.find("image").isPresent() ? ImageSettingsJson.read(reader.object("image")) : null,
                    reader.find("owner").isPresent() ? ProcessIdentityJson.read(reader.object("owner")) : null,
                    from == null ? null : state(from));
        } catch (JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.RECORD_CORRUPT, file + " is damaged (" + e.getMessage() + "); delete its folder", e);
        }
    }

    private static VmState state(String wireName) {
        return JsonReader.constant(VmState.values(), VmState::wireName, wireName);
    }
}
