package dev.pyro.cli.render;

import dev.pyro.model.Snapshot;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceList;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.model.WorkspaceSnapshots;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The human lines about workspaces, their commands and their snapshots. What users and guests wrote is printable in them. Stateless.
 */
public final class WorkspaceLines {
    private WorkspaceLines() {}

    /**
     * The lines of {@code workspace create}, {@code status}, {@code start}, {@code stop} and {@code update}.
     *
     * @param heading the first line's label, such as {@code Started workspace}
     */
    public static List<String> workspace(String heading, Workspace workspace) {
        List<String> lines = new ArrayList<>();
        lines.add(heading + " ID: " + workspace.workspaceId());
        if (workspace.name() != null) {
            lines.add("Name: " + Printable.line(workspace.name()));
        }
        if (!workspace.labels().isEmpty()) {
            lines.add("Labels: " + labels(workspace, ", "));
        }
        lines.add("Environment: " + workspace.environment());
        lines.add("State: " + workspace.state().wireName());
        lines.add("Workspace: " + Workspace.PATH);
        lines.add("Network policy: " + workspace.networkPolicy().wireName());
        String seedPath = workspace.seed().seedPath();
        lines.add("Workspace seed: " + workspace.seed().mode().wireName()
                + (seedPath == null ? "" : " from " + Printable.line(seedPath)));
        if (!workspace.secrets().isEmpty()) {
            lines.add("Secrets: "
                    + workspace.secrets().stream()
                            .map(secret ->
                                    secret.name() + " (" + secret.source().wireName() + ")")
                            .collect(Collectors.joining(", ")));
        }
        lines.add("Execution mode: " + workspace.executionMode().wireName());
        lines.add("Resources: " + workspace.vcpuCount() + " vCPU / " + workspace.memMib() + " MiB");
        lines.add("Command count: " + workspace.commandCount());
        lines.add("Reset count: " + workspace.resetCount());
        if (workspace.lastResetAt() != null) {
            lines.add("Last reset at: " + utc(workspace.lastResetAt()));
        }
        lines.add("Services: " + workspace.runningServiceCount() + "/" + workspace.serviceCount() + " running");
        Workspace.LastCommand last = workspace.lastCommand();
        if (last != null) {
            lines.add("Last command: " + Printable.line(last.command()) + " (exit_code=" + last.exitCode() + ")");
        }
        lines.add("Expires at: " + utc(workspace.expiresAt()));
        return lines;
    }

    /** The lines of {@code workspace list}. */
    public static List<String> list(WorkspaceList list) {
        if (list.workspaces().isEmpty()) {
            return List.of("No workspaces found.");
        }
        return list.workspaces().stream().map(WorkspaceLines::listed).toList();
    }

    /** The lines of {@code workspace reset}. */
    public static List<String> reset(WorkspaceReset reset) {
        Snapshot snapshot = reset.snapshot();
        List<String> lines = workspace("Reset workspace", reset.workspace());
        lines.add("Reset source: " + snapshot.name() + " (" + snapshot.kind() + ")");
        lines.add("Reset restore: destination=" + Workspace.PATH + " entry_count=" + snapshot.entryCount()
                + " bytes_written=" + snapshot.bytesWritten());
        return lines;
    }

    /** The line of {@code workspace delete}. */
    public static String deleted(WorkspaceDeleted deleted) {
        return "Deleted workspace: " + deleted.workspaceId();
    }

    /** The line of {@code workspace exec}, for standard error. */
    public static String exec(WorkspaceExec exec) {
        return new SummaryLine("workspace-exec")
                .put("workspace_id", exec.workspaceId())
                .put("sequence", exec.sequence())
                .put("cwd", exec.cwd())
                .put("execution_mode", exec.executionMode().wireName())
                .put("exit_code", exec.result().exitCode())
                .put("duration_ms", exec.result().duration().toMillis())
                .toString();
    }

    /** The lines above a command's output in {@code workspace logs}. */
    public static List<String> logHeading(WorkspaceLogs.Entry entry) {
        return List.of(
                "#" + entry.sequence() + " exit_code=" + entry.result().exitCode() + " duration_ms="
                        + entry.result().duration().toMillis() + " cwd=" + Printable.line(entry.cwd()),
                "$ " + Printable.line(entry.command()));
    }

    /** The line of {@code workspace snapshot create}. */
    public static String snapshot(WorkspaceSnapshot taken) {
        return new SummaryLine("workspace-snapshot-create")
                .put("workspace_id", taken.workspaceId())
                .put("snapshot_name", taken.snapshot().name())
                .put("kind", taken.snapshot().kind())
                .put("entry_count", taken.snapshot().entryCount())
                .put("bytes_written", taken.snapshot().bytesWritten())
                .toString();
    }

    /** The lines of {@code workspace snapshot list}. */
    public static List<String> snapshots(WorkspaceSnapshots snapshots) {
        return snapshots.snapshots().stream()
                .map(snapshot -> snapshot.name() + " [" + snapshot.kind() + "] entry_count=" + snapshot.entryCount()
                        + " bytes_written=" + snapshot.bytesWritten() + " deletable="
                        + SummaryLine.yesNo(!snapshot.isBaseline()))
                .toList();
    }

    /** The line of {@code workspace snapshot delete}. */
    public static String snapshotDeleted(WorkspaceSnapshotDeleted deleted) {
        return "Deleted workspace snapshot: " + deleted.snapshotName();
    }

    /**
     * The line, for standard error, of what could not be taken from the host: sockets, FIFOs and devices of a directory. Empty when
     * everything was.
     *
     * @param prefix the command's, such as {@code workspace-create}
     */
    public static List<String> skipped(String prefix, WorkspaceId id, WorkspaceSeed source) {
        if (source.skippedCount() == 0) {
            return List.of();
        }
        return List.of(new SummaryLine(prefix)
                .put("skipped", source.skippedCount())
                .put("workspace_id", id)
                .put(
                        "names",
                        String.join(", ", source.skipped())
                                + (source.skippedCount() > source.skipped().size() ? ", …" : ""))
                .toString());
    }

    private static String listed(Workspace workspace) {
        SummaryLine line = new SummaryLine(workspace.state().wireName());
        line.put("environment", workspace.environment());
        if (workspace.name() != null) {
            line.put("name", workspace.name());
        }
        if (!workspace.labels().isEmpty()) {
            line.put("labels", labels(workspace, ","));
        }
        line.put("command_count", workspace.commandCount())
                .put("last_activity_at", utc(workspace.lastActivityAt()))
                .put("expires_at", utc(workspace.expiresAt()));
        return workspace.workspaceId() + " " + line;
    }

    private static String labels(Workspace workspace, String separator) {
        return new TreeMap<>(workspace.labels())
                .entrySet().stream()
                        .map((Map.Entry<String, String> label) ->
                                Printable.line(label.getKey()) + "=" + Printable.line(label.getValue()))
                        .collect(Collectors.joining(separator));
    }

    private static String utc(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
