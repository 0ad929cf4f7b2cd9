package dev.pyro.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.SecretSource;
import dev.pyro.model.SeedMode;
import dev.pyro.model.Snapshot;
import dev.pyro.model.Workspace;
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
import dev.pyro.model.WorkspaceState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the payloads about workspaces to the field lists of the interface contract. */
class WorkspacePayloadsTest {
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");
    private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final Workspace FULL = new Workspace(
            ID,
            "par\u001bser",
            Map.of("b", "2", "a", "1\n"),
            "debian:12",
            WorkspaceState.STARTED,
            NetworkPolicy.EGRESS,
            new WorkspaceSeed(SeedMode.DIRECTORY, "/seed/caf\uDCE9", 3, 44, List.of("s\nock"), 2),
            List.of(new WorkspaceSecret("TOKEN", SecretSource.LITERAL), new WorkspaceSecret("CERT", SecretSource.FILE)),
            ExecutionMode.GUEST_VIRTIO,
            2,
            2048,
            Duration.ofMinutes(10),
            CREATED,
            CREATED.plusSeconds(5),
            CREATED.plusSeconds(605),
            7,
            1,
            CREATED.plusSeconds(9),
            3,
            2,
            new Workspace.LastCommand("make\ntest", 2));
    private static final Workspace BARE = new Workspace(
            ID,
            null,
            Map.of(),
            "debian:12",
            WorkspaceState.STOPPED,
            NetworkPolicy.EGRESS,
            WorkspaceSeed.NONE,
            List.of(),
            ExecutionMode.GUEST_VIRTIO,
            2,
            2048,
            Duration.ofMinutes(10),
            CREATED,
            CREATED.plusSeconds(5),
            CREATED.plusSeconds(605),
            7,
            1,
            null,
            0,
            0,
            null);
    private static final Snapshot BASELINE = new Snapshot(Snapshot.BASELINE, 3, 44, CREATED);
    private static final Snapshot NAMED = new Snapshot("before", 5, 66, CREATED.plusSeconds(1));
    private static final ExecResult RESULT =
            new ExecResult("out", "err", 3, Duration.ofMillis(1234), false, true, false);

    @Test
    void aWorkspace() {
        assertThat(Json.write(WorkspacePayloads.workspace(FULL)))
                .isEqualTo("{\"command_count\":7,\"created_at\":1767323045,\"environment\":\"debian:12\","
                        + "\"execution_mode\":\"guest_virtio\",\"expires_at\":1767323650,"
                        + "\"labels\":{\"a\":\"1\\n\",\"b\":\"2\"},\"last_activity_at\":1767323050,"
                        + "\"last_command\":{\"command\":\"make\\ntest\",\"exit_code\":2},"
                        + "\"last_reset_at\":1767323054,\"mem_mib\":2048,\"name\":\"par\\u001Bser\","
                        + "\"network_policy\":\"egress\",\"reset_count\":1,\"running_service_count\":2,"
                        + "\"secrets\":[{\"name\":\"TOKEN\",\"source_kind\":\"literal\"},"
                        + "{\"name\":\"CERT\",\"source_kind\":\"file\"}],\"service_count\":3,\"state\":\"started\",\"ttl_seconds\":600,"
                        + "\"vcpu_count\":2,\"workspace_id\":\"ws-0123456789ab\",\"workspace_path\":\"/workspace\","
                        + "\"workspace_seed\":{\"bytes_written\":44,\"entry_count\":3,\"mode\":\"directory\","
                        + "\"seed_path\":\"/seed/caf\\\\xe9\",\"skipped\":[\"s\\nock\"],\"skipped_count\":2}}");
    }

    @Test
    void aWorkspaceWithoutWhatIsOptional() {
        JsonReader payload = new JsonReader(WorkspacePayloads.workspace(BARE));
        assertThat(payload.object().members().keySet())
                .isEqualTo(WorkspacePayloads.workspace(FULL).members().keySet());
        assertThat(Json.write(payload.object()))
                .contains(
                        "\"name\":null",
                        "\"labels\":{}",
                        "\"last_reset_at\":null",
                        "\"last_command\":null",
                        "\"state\":\"stopped\"",
                        "\"mode\":\"empty\",\"seed_path\":null");
    }

    @Test
    void lists() {
        JsonReader list = new JsonReader(WorkspacePayloads.list(new WorkspaceList(List.of(FULL, BARE))));
        assertThat(list.object().members()).containsOnlyKeys("count", "workspaces");
        assertThat(list.number("count")).isEqualTo(2);
        assertThat(list.array("workspaces"))
                .containsExactly(WorkspacePayloads.workspace(FULL), WorkspacePayloads.workspace(BARE));
    }

    @Test
    void reset() {
        JsonReader reset = new JsonReader(WorkspacePayloads.reset(new WorkspaceReset(FULL, NAMED)));
        assertThat(reset.object().members())
                .containsAllEntriesOf(WorkspacePayloads.workspace(FULL).members());
        assertThat(Json.write(reset.object("workspace_reset").object()))
                .isEqualTo("{\"bytes_written\":66,\"destination\":\"/workspace\",\"entry_count\":5,"
                        + "\"kind\":\"named\",\"snapshot_name\":\"before\"}");
    }

    @Test
    void exec() {
        assertThat(Json.write(WorkspacePayloads.exec(
                        new WorkspaceExec(ID, 4, "make", "/workspace", ExecutionMode.GUEST_VIRTIO, RESULT))))
                .isEqualTo("{\"command\":\"make\",\"cwd\":\"/workspace\",\"duration_ms\":1234,"
                        + "\"execution_mode\":\"guest_virtio\",\"exit_code\":3,\"sequence\":4,\"stderr\":\"err\","
                        + "\"stderr_truncated\":false,\"stdout\":\"out\",\"stdout_truncated\":true,"
                        + "\"timed_out\":false,\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void logs() {
        assertThat(Json.write(WorkspacePayloads.logs(new WorkspaceLogs(
                        ID, List.of(new WorkspaceLogs.Entry(4, "make", "/workspace", CREATED, RESULT))))))
                .isEqualTo("{\"count\":1,\"entries\":[{\"command\":\"make\",\"cwd\":\"/workspace\","
                        + "\"duration_ms\":1234,\"exit_code\":3,\"sequence\":4,\"started_at\":1767323045,"
                        + "\"stderr\":\"err\",\"stderr_truncated\":false,\"stdout\":\"out\","
                        + "\"stdout_truncated\":true,\"timed_out\":false}],\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void snapshots() {
        String named = "{\"bytes_written\":66,\"created_at\":1767323046,\"deletable\":true,\"entry_count\":5,"
                + "\"kind\":\"named\",\"snapshot_name\":\"before\"}";
        assertThat(Json.write(WorkspacePayloads.snapshot(new WorkspaceSnapshot(ID, NAMED))))
                .isEqualTo("{\"snapshot\":" + named + ",\"workspace_id\":\"ws-0123456789ab\"}");
        assertThat(Json.write(WorkspacePayloads.snapshots(new WorkspaceSnapshots(ID, List.of(BASELINE, NAMED)))))
                .isEqualTo("{\"count\":2,\"snapshots\":[{\"bytes_written\":44,\"created_at\":1767323045,"
                        + "\"deletable\":false,\"entry_count\":3,\"kind\":\"baseline\","
                        + "\"snapshot_name\":\"baseline\"}," + named + "],\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void deleted() {
        assertThat(Json.write(WorkspacePayloads.deleted(new WorkspaceDeleted(ID, true))))
                .isEqualTo("{\"deleted\":true,\"workspace_id\":\"ws-0123456789ab\"}");
        assertThat(Json.write(WorkspacePayloads.snapshotDeleted(new WorkspaceSnapshotDeleted(ID, "before", true))))
                .isEqualTo("{\"deleted\":true,\"snapshot_name\":\"before\"," + "\"workspace_id\":\"ws-0123456789ab\"}");
    }
}
