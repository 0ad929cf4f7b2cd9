package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Holds the human lines about workspaces to the interface contract, to the last character. */
class WorkspaceLinesTest {
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
        assertThat(WorkspaceLines.workspace("Started workspace", FULL))
                .containsExactly(
                        "Started workspace ID: ws-0123456789ab",
                        "Name: par\\u001bser",
                        "Labels: a=1\\u000a, b=2",
                        "Environment: debian:12",
                        "State: started",
                        "Workspace: /workspace",
                        "Network policy: egress",
                        "Workspace seed: directory from /seed/caf\\xe9",
                        "Secrets: TOKEN (literal), CERT (file)",
                        "Execution mode: guest_virtio",
                        "Resources: 2 vCPU / 2048 MiB",
                        "Command count: 7",
                        "Reset count: 1",
                        "Last reset at: 2026-01-02T03:04:14Z",
                        "Services: 2/3 running",
                        "Last command: make\\u000atest (exit_code=2)",
                        "Expires at: 2026-01-02T03:14:10Z");
    }

    @Test
    void aWorkspaceWithoutWhatIsOptional() {
        assertThat(WorkspaceLines.workspace("Workspace", BARE))
                .containsExactly(
                        "Workspace ID: ws-0123456789ab",
                        "Environment: debian:12",
                        "State: stopped",
                        "Workspace: /workspace",
                        "Network policy: egress",
                        "Workspace seed: empty",
                        "Execution mode: guest_virtio",
                        "Resources: 2 vCPU / 2048 MiB",
                        "Command count: 7",
                        "Reset count: 1",
                        "Services: 0/0 running",
                        "Expires at: 2026-01-02T03:14:10Z");
    }

    @Test
    void reset() {
        assertThat(WorkspaceLines.reset(new WorkspaceReset(BARE, NAMED)))
                .startsWith("Reset workspace ID: ws-0123456789ab")
                .endsWith(
                        "Reset source: before (named)",
                        "Reset restore: destination=/workspace entry_count=5 bytes_written=66");
    }

    @Test
    void list() {
        assertThat(WorkspaceLines.list(new WorkspaceList(List.of(FULL, BARE))))
                .containsExactly(
                        "ws-0123456789ab [started] environment=debian:12 name=par\\u001bser labels=a=1\\u000a,b=2"
                                + " command_count=7 last_activity_at=2026-01-02T03:04:10Z"
                                + " expires_at=2026-01-02T03:14:10Z",
                        "ws-0123456789ab [stopped] environment=debian:12 command_count=7"
                                + " last_activity_at=2026-01-02T03:04:10Z expires_at=2026-01-02T03:14:10Z");
        assertThat(WorkspaceLines.list(new WorkspaceList(List.of()))).containsExactly("No workspaces found.");
    }

    @Test
    void deleted() {
        assertThat(WorkspaceLines.deleted(new WorkspaceDeleted(ID, true)))
                .isEqualTo("Deleted workspace: ws-0123456789ab");
    }

    @Test
    void exec() {
        assertThat(WorkspaceLines.exec(
                        new WorkspaceExec(ID, 4, "make", "/workspace", ExecutionMode.GUEST_VIRTIO, RESULT)))
                .isEqualTo("[workspace-exec] workspace_id=ws-0123456789ab sequence=4 cwd=/workspace"
                        + " execution_mode=guest_virtio exit_code=3 duration_ms=1234");
    }

    @Test
    void logs() {
        assertThat(WorkspaceLines.logHeading(
                        new WorkspaceLogs.Entry(4, "echo \u001b\necho", "/workspace", CREATED, RESULT)))
                .containsExactly("#4 exit_code=3 duration_ms=1234 cwd=/workspace", "$ echo \\u001b\\u000aecho");
    }

    @Test
    void snapshots() {
        assertThat(WorkspaceLines.snapshot(new WorkspaceSnapshot(ID, NAMED)))
                .isEqualTo("[workspace-snapshot-create] workspace_id=ws-0123456789ab snapshot_name=before kind=named"
                        + " entry_count=5 bytes_written=66");
        assertThat(WorkspaceLines.snapshots(new WorkspaceSnapshots(ID, List.of(BASELINE, NAMED))))
                .containsExactly(
                        "baseline [baseline] entry_count=3 bytes_written=44 deletable=no",
                        "before [named] entry_count=5 bytes_written=66 deletable=yes");
        assertThat(WorkspaceLines.snapshotDeleted(new WorkspaceSnapshotDeleted(ID, "before", true)))
                .isEqualTo("Deleted workspace snapshot: before");
    }

    @Test
    void whatWasSkipped() {
        assertThat(WorkspaceLines.skipped("workspace-create", ID, FULL.seed()))
                .containsExactly("[workspace-create] skipped=2 workspace_id=ws-0123456789ab names=s\\u000aock, …");
        assertThat(WorkspaceLines.skipped("workspace-create", ID, BARE.seed())).isEmpty();
    }
}
