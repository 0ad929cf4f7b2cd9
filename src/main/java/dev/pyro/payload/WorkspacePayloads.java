package dev.pyro.payload;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Snapshot;
import dev.pyro.model.Workspace;
import dev.pyro.model.Workspace.LastCommand;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceList;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.model.WorkspaceSecret;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.model.WorkspaceSnapshots;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The payloads about workspaces, their commands and their snapshots. Texts are as {@link ByteText} has them. Stateless. */
public final class WorkspacePayloads {
    private static final String SNAPSHOT_NAME = "snapshot_name";

    private WorkspacePayloads() {}

    /** The payload of {@code workspace create}, {@code status}, {@code start}, {@code stop} and {@code update}. */
    public static JsonObject workspace(Workspace workspace) {
        return fields(workspace).build();
    }

    /** The payload of {@code workspace list}. */
    public static JsonObject list(WorkspaceList list) {
        return JsonObject.builder()
                .put("count", list.workspaces().size())
                .put("workspaces", array(list.workspaces(), WorkspacePayloads::workspace))
                .build();
    }

    /** The payload of {@code workspace reset}. */
    public static JsonObject reset(WorkspaceReset reset) {
        Snapshot snapshot = reset.snapshot();
        return fields(reset.workspace())
                .put(
                        "workspace_reset",
                        JsonObject.builder()
                                .put(SNAPSHOT_NAME, snapshot.name())
                                .put("kind", snapshot.kind())
                                .put("destination", Workspace.PATH)
                                .put("entry_count", snapshot.entryCount())
                                .put("bytes_written", snapshot.bytesWritten())
                                .build())
                .build();
    }

    /** The payload of {@code workspace delete}. */
    public static JsonObject deleted(WorkspaceDeleted deleted) {
        return withId(deleted.workspaceId()).put("deleted", deleted.deleted()).build();
    }

    /** The payload of {@code workspace exec}. */
    public static JsonObject exec(WorkspaceExec exec) {
        JsonValue.Builder builder = withId(exec.workspaceId())
                .put("sequence", exec.sequence())
                .put("command", ByteText.visible(exec.command()))
                .put("cwd", ByteText.visible(exec.cwd()))
                .put("execution_mode", exec.executionMode().wireName());
        VmPayloads.result(builder, exec.result());
        return builder.build();
    }

    /** The payload of {@code workspace logs}. */
    public static JsonObject logs(WorkspaceLogs logs) {
        return withId(logs.workspaceId())
                .put("count", logs.entries().size())
                .put("entries", array(logs.entries(), WorkspacePayloads::logEntry))
                .build();
    }

    /** The payload of {@code workspace snapshot create}. */
    public static JsonObject snapshot(WorkspaceSnapshot taken) {
        return withId(taken.workspaceId())
                .put("snapshot", snapshot(taken.snapshot()))
                .build();
    }

    /** The payload of {@code workspace snapshot list}. */
    public static JsonObject snapshots(WorkspaceSnapshots snapshots) {
        return withId(snapshots.workspaceId())
                .put("count", snapshots.snapshots().size())
                .put("snapshots", array(snapshots.snapshots(), WorkspacePayloads::snapshot))
                .build();
    }

    /** The payload of {@code workspace snapshot delete}. */
    public static JsonObject snapshotDeleted(WorkspaceSnapshotDeleted deleted) {
        return withId(deleted.workspaceId())
                .put(SNAPSHOT_NAME, deleted.snapshotName())
                .put("deleted", deleted.deleted())
                .build();
    }

    /** Returns a builder that has the workspace's id. */
    static JsonValue.Builder withId(WorkspaceId id) {
        return JsonObject.builder().put("workspace_id", id.value());
    }

    /** Sets what is said of files that came from the host. */
    static JsonValue.Builder source(JsonValue.Builder builder, WorkspaceSeed seed) {
        return builder.put("mode", seed.mode().wireName())
                .put("entry_count", seed.entryCount())
                .put("bytes_written", seed.bytesWritten())
                .put("skipped_count", seed.skippedCount())
                .put(
                        "skipped",
                        JsonArray.ofStrings(
                                seed.skipped().stream().map(ByteText::visible).toList()));
    }

    static <T> JsonArray array(List<T> values, Function<T, JsonValue> payload) {
        return new JsonArray(values.stream().map(payload).toList());
    }

    /** Returns an array of the first values only. */
    static <T> JsonArray array(List<T> values, int max, Function<T, JsonValue> payload) {
        return array(values.subList(0, Math.min(values.size(), max)), payload);
    }

    static @Nullable String visible(@Nullable String text) {
        return text == null ? null : ByteText.visible(text);
    }

    private static JsonValue.Builder fields(Workspace workspace) {
        Instant lastReset = workspace.lastResetAt();
        return withId(workspace.workspaceId())
                .put("name", visible(workspace.name()))
                .put("labels", VmPayloads.strings(workspace.labels()))
                .put("environment", workspace.environment())
                .put("state", workspace.state().wireName())
                .put("workspace_path", Workspace.PATH)
                .put("network_policy", workspace.networkPolicy().wireName())
                .put(
                        "workspace_seed",
                        source(JsonObject.builder(), workspace.seed())
                                .put("seed_path", visible(workspace.seed().seedPath()))
                                .build())
                .put("secrets", array(workspace.secrets(), WorkspacePayloads::secret))
                .put("execution_mode", workspace.executionMode().wireName())
                .put("vcpu_count", workspace.vcpuCount())
                .put("mem_mib", workspace.memMib())
                .put("ttl_seconds", workspace.ttl().toSeconds())
                .put("created_at", workspace.createdAt().getEpochSecond())
                .put("last_activity_at", workspace.lastActivityAt().getEpochSecond())
                .put("expires_at", workspace.expiresAt().getEpochSecond())
                .put("command_count", workspace.commandCount())
                .put("reset_count", workspace.resetCount())
                .putNullable("last_reset_at", lastReset == null ? null : lastReset.getEpochSecond())
                .put("service_count", workspace.serviceCount())
                .put("running_service_count", workspace.runningServiceCount())
                .put("last_command", lastCommand(workspace.lastCommand()));
    }

    private static JsonObject secret(WorkspaceSecret secret) {
        return JsonObject.builder()
                .put("name", secret.name())
                .put("source_kind", secret.source().wireName())
                .build();
    }

    private static @Nullable JsonObject lastCommand(@Nullable LastCommand last) {
        return last == null
                ? null
                : JsonObject.builder()
                        .put("command", ByteText.visible(last.command()))
                        .put("exit_code", last.exitCode())
                        .build();
    }

    private static JsonObject logEntry(WorkspaceLogs.Entry entry) {
        JsonValue.Builder builder = JsonObject.builder()
                .put("sequence", entry.sequence())
                .put("command", ByteText.visible(entry.command()))
                .put("cwd", ByteText.visible(entry.cwd()))
                .put("started_at", entry.startedAt().getEpochSecond());
        VmPayloads.result(builder, entry.result());
        return builder.build();
    }

    private static JsonObject snapshot(Snapshot snapshot) {
        return JsonObject.builder()
                .put(SNAPSHOT_NAME, snapshot.name())
                .put("kind", snapshot.kind())
                .put("entry_count", snapshot.entryCount())
                .put("bytes_written", snapshot.bytesWritten())
                .put("created_at", snapshot.createdAt().getEpochSecond())
                .put("deletable", !snapshot.isBaseline())
                .build();
    }
}
