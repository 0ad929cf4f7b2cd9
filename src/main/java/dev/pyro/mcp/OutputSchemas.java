package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ChangeStatus;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.SecretSource;
import dev.pyro.model.SeedMode;
import dev.pyro.model.ServiceState;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellState;
import dev.pyro.model.VmState;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceState;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The JSON schemas of the payloads of {@code dev.pyro.payload}. Stateless. */
final class OutputSchemas {
    private static final List<String> ARTIFACT_TYPES = names(ArtifactType.values(), ArtifactType::wireName);
    private static final List<String> CHANGES = names(ChangeStatus.values(), ChangeStatus::wireName);

    static final JsonObject ENVIRONMENTS = new Schema()
            .texts("catalog_version")
            .objects(
                    "environments",
                    new Schema()
                            .texts(
                                    "name",
                                    "version",
                                    "description",
                                    "distribution",
                                    "distribution_version",
                                    "cache_dir")
                            .textList("default_packages")
                            .flags("installed")
                            .nullableTexts(
                                    "install_dir",
                                    "install_manifest",
                                    "kernel_image",
                                    "rootfs_image",
                                    "oci_registry",
                                    "oci_repository",
                                    "oci_reference",
                                    "source",
                                    "digest",
                                    "image_digest")
                            .nullableNumbers("size_bytes")
                            .build())
            .build();

    static final JsonObject VM_RUN = execution(new Schema())
            .texts("vm_id", "environment", "environment_version")
            .object("cleanup", new Schema().flags("deleted").texts("reason").build())
            .build();

    static final JsonObject VM = new Schema()
            .texts("vm_id", "environment")
            .choice("state", names(VmState.values(), VmState::wireName))
            .numbers("vcpu_count", "mem_mib", "ttl_seconds", "created_at", "expires_at")
            .flags("network_enabled")
            .nullableTexts("execution_mode")
            .textMaps("metadata")
            .build();

    static final JsonObject VM_DELETED =
            new Schema().texts("vm_id", "reason").flags("deleted").build();

    static final JsonObject VM_NETWORK = new Schema()
            .texts("vm_id")
            .flags("network_enabled", "outbound_connectivity_expected")
            .nullableTexts("guest_ip", "gateway")
            .build();

    static final JsonObject REAPED =
            new Schema().textList("deleted_vm_ids").numbers("count").build();

    static final JsonObject WORKSPACE = workspace().build();

    static final JsonObject WORKSPACES =
            new Schema().numbers("count").objects("workspaces", WORKSPACE).build();

    static final JsonObject WORKSPACE_RESET = workspace()
            .object(
                    "workspace_reset",
                    new Schema()
                            .texts("snapshot_name", "kind", "destination")
                            .numbers("entry_count", "bytes_written")
                            .build())
            .build();

    static final JsonObject WORKSPACE_DELETED =
            new Schema().texts("workspace_id").flags("deleted").build();

    static final JsonObject EXEC = execution(new Schema())
            .texts("workspace_id", "cwd")
            .numbers("sequence")
            .build();

    static final JsonObject LOGS = new Schema()
            .texts("workspace_id")
            .numbers("count")
            .objects(
                    "entries",
                    result(new Schema())
                            .texts("command", "cwd")
                            .numbers("sequence", "started_at")
                            .build())
            .build();

    static final JsonObject SYNC = new Schema()
            .texts("workspace_id", "execution_mode")
            .object(
                    "workspace_sync",
                    source().nullableTexts("source_path").texts("destination").build())
            .build();

    static final JsonObject EXPORT = new Schema()
            .texts("workspace_id", "workspace_path", "output_path", "execution_mode")
            .choice("artifact_type", ARTIFACT_TYPES)
            .numbers("entry_count", "bytes_written")
            .build();

    static final JsonObject DIFF = new Schema()
            .texts("workspace_id", "patch")
            .flags("changed")
            .object(
                    "summary",
                    new Schema()
                            .numbers(
                                    "total", "added", "modified", "deleted", "type_changed", "text_patched", "non_text")
                            .build())
            .objects(
                    "entries",
                    new Schema()
                            .texts("path")
                            .choice("status", CHANGES)
                            .choice("artifact_type", ARTIFACT_TYPES)
                            .flags("text_patch")
                            .build())
            .build();

    static final JsonObject FILES = new Schema()
            .texts("workspace_id", "path")
            .flags("recursive")
            .objects(
                    "entries",
                    new Schema()
                            .texts("path")
                            .choice("artifact_type", ARTIFACT_TYPES)
                            .numbers("size_bytes")
                            .nullableTexts("link_target")
                            .build())
            .build();

    static final JsonObject FILE = new Schema()
            .texts("workspace_id", "path", "content")
            .numbers("size_bytes", "max_bytes")
            .flags("truncated")
            .build();

    static final JsonObject FILE_WRITTEN = new Schema()
            .texts("workspace_id", "path", "execution_mode")
            .numbers("size_bytes", "bytes_written")
            .build();

    static final JsonObject PATCHED = new Schema()
            .texts("workspace_id", "execution_mode")
            .flags("changed")
            .object(
                    "summary",
                    new Schema()
                            .numbers("total", "added", "modified", "deleted")
                            .build())
            .objects(
                    "entries",
                    new Schema().texts("path").choice("status", CHANGES).build())
            .build();

    static final JsonObject DISK_EXPORT = new Schema()
            .texts("workspace_id", "output_path")
            .choice("disk_format", List.of(WorkspaceDiskExport.FORMAT))
            .numbers("bytes_written")
            .build();

    private static final JsonObject SNAPSHOT = new Schema()
            .texts("snapshot_name", "kind")
            .numbers("entry_count", "bytes_written", "created_at")
            .flags("deletable")
            .build();

    static final JsonObject SNAPSHOT_CREATED =
            new Schema().texts("workspace_id").object("snapshot", SNAPSHOT).build();

    static final JsonObject SNAPSHOTS = new Schema()
            .texts("workspace_id")
            .numbers("count")
            .objects("snapshots", SNAPSHOT)
            .build();

    static final JsonObject SNAPSHOT_DELETED =
            new Schema().texts("workspace_id", "snapshot_name").flags("deleted").build();

    static final JsonObject SHELL = shell().build();

    static final JsonObject SHELL_OUTPUT = shell().numbers("cursor", "next_cursor")
            .texts("output")
            .flags("truncated")
            .nullableFlags("wait_satisfied")
            .build();

    static final JsonObject SHELL_INPUT =
            shell().numbers("input_length").flags("append_newline").build();

    static final JsonObject SHELL_SIGNALLED =
            shell().choice("signal", names(ShellSignal.values(), Enum::name)).build();

    static final JsonObject SHELL_CLOSED = shell().flags("closed").build();

    private OutputSchemas() {}

    private static Schema shell() {
        return new Schema()
                .texts("workspace_id", "shell_id", "cwd", "execution_mode")
                .choice("state", names(ShellState.values(), ShellState::wireName))
                .numbers("cols", "rows", "started_at", "end_cursor")
                .nullableNumbers("ended_at", "exit_code");
    }

    static final JsonObject SERVICE = service().build();

    static final JsonObject SERVICES = new Schema()
            .texts("workspace_id")
            .numbers("count", "running_count")
            .objects("services", SERVICE)
            .build();

    static final JsonObject SERVICE_LOGS = service()
            .texts("stdout", "stderr")
            .nullableNumbers("tail_lines")
            .flags("truncated")
            .build();

    private static Schema service() {
        return new Schema()
                .texts("workspace_id", "service_name", "command", "cwd", "execution_mode")
                .choice("state", names(ServiceState.values(), ServiceState::wireName))
                .numbers("started_at")
                .nullableNumbers("ready_at", "ended_at", "exit_code", "pid")
                .nullableTexts("stop_reason")
                .object(
                        "readiness",
                        new Schema()
                                .texts("type")
                                .nullableTexts("target")
                                .nullableNumbers("timeout_seconds", "interval_ms")
                                .build())
                .objects(
                        "published_ports",
                        new Schema()
                                .texts("host", "protocol")
                                .numbers("host_port", "guest_port")
                                .build());
    }

    private static Schema execution(Schema schema) {
        return result(schema).texts("command", "execution_mode");
    }

    private static Schema result(Schema schema) {
        return schema.texts("stdout", "stderr")
                .numbers("exit_code", "duration_ms")
                .flags("timed_out", "stdout_truncated", "stderr_truncated");
    }

    private static Schema source() {
        return new Schema()
                .choice("mode", names(SeedMode.values(), SeedMode::wireName))
                .numbers("entry_count", "bytes_written", "skipped_count")
                .textList("skipped");
    }

    private static Schema workspace() {
        return new Schema()
                .texts("workspace_id", "environment", "workspace_path", "execution_mode")
                .nullableTexts("name")
                .textMaps("labels")
                .choice("state", names(WorkspaceState.values(), WorkspaceState::wireName))
                .choice("network_policy", names(NetworkPolicy.values(), NetworkPolicy::wireName))
                .object("workspace_seed", source().nullableTexts("seed_path").build())
                .objects(
                        "secrets",
                        new Schema()
                                .texts("name")
                                .choice("source_kind", names(SecretSource.values(), SecretSource::wireName))
                                .build())
                .numbers(
                        "vcpu_count",
                        "mem_mib",
                        "ttl_seconds",
                        "created_at",
                        "last_activity_at",
                        "expires_at",
                        "command_count",
                        "reset_count",
                        "service_count",
                        "running_service_count")
                .nullableNumbers("last_reset_at")
                .nullableObject(
                        "last_command",
                        new Schema().texts("command").numbers("exit_code").build());
    }

    private static <T> List<String> names(T[] constants, Function<T, String> name) {
        return Arrays.stream(constants).map(name).toList();
    }
}
