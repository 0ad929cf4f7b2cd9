package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ChangeStatus;
import dev.pyro.model.Environment;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.OutputListener;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.ReapedVms;
import dev.pyro.model.SecretSource;
import dev.pyro.model.SeedMode;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceList;
import dev.pyro.model.ServiceLogs;
import dev.pyro.model.ServiceState;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellSignalled;
import dev.pyro.model.ShellState;
import dev.pyro.model.Snapshot;
import dev.pyro.model.Vm;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmId;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import dev.pyro.model.VmState;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceList;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.model.WorkspaceSecret;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.model.WorkspaceSnapshots;
import dev.pyro.model.WorkspaceState;
import dev.pyro.model.WorkspaceSync;
import dev.pyro.payload.EnvironmentPayloads;
import dev.pyro.payload.ServicePayloads;
import dev.pyro.payload.ShellPayloads;
import dev.pyro.payload.VmPayloads;
import dev.pyro.payload.WorkspaceFilePayloads;
import dev.pyro.payload.WorkspacePayloads;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What each tool's action comes to: the real payloads of made-up results, from empty ones to the largest that hosts and guests can cause. */
final class PayloadSamples {
    /** How much there is. */
    enum Size {
        /** Nothing that can be missing is there. */
        BARE,
        USUAL,
        /** Everything is as long as its bounds allow, and full of what JSON escapes. */
        HUGE
    }

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");
    private static final VmId VM_ID = new VmId("vm-0123456789ab");
    private static final List<String> PIECES =
            List.of("a", "Z", "\n", "\"", "\\", "\u0001", "é", "語", "😀", " ", "/", "\u007f", "\u2028");

    private final Size size;
    private final Random random;

    PayloadSamples(Size size, long seed) {
        this.size = size;
        this.random = new Random(seed);
    }

    /** Returns what the action of a tool comes to. */
    ToolAnswer answer(String tool) {
        return switch (tool) {
            case "vm_run", "vm_exec" -> output().answer(vmRun(), "Advice.");
            case "workspace_exec" -> output().answer(WorkspacePayloads.exec(exec()), "Advice.");
            case "workspace_logs" ->
                ToolAnswer.of(WorkspacePayloads.logs(logs())).withNewestLast();
            case "service_logs" -> ServiceTools.logsAnswer(ServicePayloads.logs(serviceLogs()));
            default -> ToolAnswer.of(payload(tool));
        };
    }

    private JsonObject payload(String tool) {
        return switch (tool) {
            case "vm_list_environments" -> EnvironmentPayloads.catalogue(catalogue());
            case "vm_create", "vm_start", "vm_stop", "vm_status" -> VmPayloads.vm(vm());
            case "vm_delete" -> VmPayloads.deleted(new VmDeleted(VM_ID, true, "asked"));
            case "vm_network_info" ->
                VmPayloads.networkInfo(
                        new VmNetworkInfo(VM_ID, full(), orNull("10.0.2.15"), orNull("10.0.2.2"), full()));
            case "vm_reap_expired" -> VmPayloads.reaped(new ReapedVms(some(3_000, _ -> VM_ID)));
            case "workspace_create", "workspace_update", "workspace_status", "workspace_stop", "workspace_start" ->
                WorkspacePayloads.workspace(workspace());
            case "workspace_list" -> WorkspacePayloads.list(new WorkspaceList(some(12, _ -> workspace())));
            case "workspace_delete" -> WorkspacePayloads.deleted(new WorkspaceDeleted(ID, true));
            case "workspace_reset" ->
                WorkspacePayloads.reset(new WorkspaceReset(workspace(), new Snapshot("baseline", 1, 2, NOW)));
            case "shell_open" -> ShellPayloads.shell(shell());
            case "shell_read" ->
                ShellPayloads.output(
                        new ShellOutput(shell(), 1L << 40, 1L << 41, text(40_000), full(), full() ? true : null));
            case "shell_write" -> ShellPayloads.input(new ShellInput(shell(), 1 << 20, full()));
            case "shell_signal" -> ShellPayloads.signalled(new ShellSignalled(shell(), any(ShellSignal.values())));
            case "shell_close" -> ShellPayloads.closed(new ShellClosed(shell(), true));
            case "snapshot_create" -> WorkspacePayloads.snapshot(new WorkspaceSnapshot(ID, snapshot(0)));
            case "snapshot_list" ->
                WorkspacePayloads.snapshots(new WorkspaceSnapshots(ID, some(1_000, this::snapshot)));
            case "snapshot_delete" ->
                WorkspacePayloads.snapshotDeleted(new WorkspaceSnapshotDeleted(ID, "before", true));
            case "service_start", "service_status", "service_stop" -> ServicePayloads.service(service(0));
            case "service_list" -> ServicePayloads.list(new ServiceList(ID, some(32, this::service)));
            default -> filePayload(tool);
        };
    }

    private JsonObject filePayload(String tool) {
        return switch (tool) {
            case "workspace_sync_push" ->
                WorkspaceFilePayloads.sync(new WorkspaceSync(ID, ExecutionMode.GUEST_VIRTIO, seed(), text(4_096)));
            case "workspace_export" ->
                WorkspaceFilePayloads.export(new WorkspaceExport(
                        ID, text(4_096), Path.of("/out"), ArtifactType.DIRECTORY, 1, 2, ExecutionMode.HOST_COMPAT));
            case "workspace_diff" ->
                WorkspaceFilePayloads.diff(new WorkspaceDiff(
                        ID,
                        some(
                                600,
                                _ -> new WorkspaceDiff.Entry(
                                        text(200), any(ChangeStatus.values()), any(ArtifactType.values()), full())),
                        text(300_000)));
            case "workspace_file_list", "workspace_disk_list" ->
                WorkspaceFilePayloads.files(new WorkspaceFiles(
                        ID,
                        text(4_096),
                        full(),
                        some(
                                600,
                                _ -> new WorkspaceFiles.Entry(
                                        text(random.nextInt(4_096)),
                                        any(ArtifactType.values()),
                                        1L << 40,
                                        orNull(text(4_096))))));
            case "workspace_file_read", "workspace_disk_read" ->
                WorkspaceFilePayloads.file(new WorkspaceFile(
                        ID, text(4_096), 1 << 20, WorkspaceFile.DEFAULT_MAX_BYTES, text(200_000), false));
            case "workspace_file_write" ->
                WorkspaceFilePayloads.fileWrite(new WorkspaceFileWrite(ID, text(4_096), 1, ExecutionMode.GUEST_VIRTIO));
            case "workspace_patch_apply" ->
                WorkspaceFilePayloads.patch(new WorkspacePatch(
                        ID,
                        ExecutionMode.GUEST_VIRTIO,
                        some(600, _ -> new WorkspacePatch.Entry(text(4_096), any(ChangeStatus.values())))));
            case "workspace_disk_export" ->
                WorkspaceFilePayloads.diskExport(new WorkspaceDiskExport(ID, Path.of("/out"), 1));
            default -> throw new AssertionError("no sample for " + tool);
        };
    }

    private CommandOutput output() {
        CommandOutput output = new CommandOutput(OutputListener.NONE);
        for (OutputListener.Stream stream : OutputListener.Stream.values()) {
            output.onOutput(stream, ByteBuffer.wrap(text(300_000).getBytes(StandardCharsets.UTF_8)));
        }
        return output;
    }

    private JsonObject vmRun() {
        return VmPayloads.run(new VmRun(
                VM_ID,
                "debian:12",
                "1.0",
                text(131_000),
                ExecutionMode.GUEST_VIRTIO,
                new ExecResult("", "", 0, Duration.ofMillis(5), full(), true, true),
                new VmRun.Cleanup(true, "run_completed")));
    }

    private WorkspaceExec exec() {
        return new WorkspaceExec(
                ID,
                1,
                text(131_000),
                "/workspace",
                ExecutionMode.GUEST_VIRTIO,
                new ExecResult("", "", -1, Duration.ofMillis(5), full(), true, true));
    }

    private WorkspaceLogs logs() {
        return new WorkspaceLogs(
                ID,
                some(
                        30,
                        number -> new WorkspaceLogs.Entry(
                                number + 1,
                                text(random.nextInt(20_000)),
                                "/workspace",
                                NOW,
                                new ExecResult(
                                        text(random.nextInt(40_000)),
                                        text(random.nextInt(1_000)),
                                        0,
                                        Duration.ofMillis(5),
                                        full(),
                                        false,
                                        false))));
    }

    private EnvironmentCatalogue catalogue() {
        return new EnvironmentCatalogue(
                "1",
                some(
                        30,
                        _ -> new Environment(
                                "debian:12",
                                "1",
                                text(500),
                                "debian",
                                "12",
                                some(50, _ -> text(20)),
                                Path.of("/cache"),
                                size == Size.BARE
                                        ? null
                                        : new Environment.Installation(
                                                Path.of("/i"),
                                                Path.of("/m"),
                                                full() ? Path.of("/k") : null,
                                                Path.of("/r"),
                                                "oci",
                                                "sha256:0",
                                                1,
                                                full() ? "sha256:1" : null),
                                full() ? new Environment.Registry("h:1", text(100), text(20)) : null)));
    }

    private Vm vm() {
        return new Vm(
                VM_ID,
                "debian:12",
                any(VmState.values()),
                1,
                1024,
                Duration.ofMinutes(1),
                NOW,
                NOW,
                full(),
                size == Size.BARE ? null : ExecutionMode.GUEST_VIRTIO,
                map());
    }

    private Workspace workspace() {
        return new Workspace(
                ID,
                orNull(text(120)),
                map(),
                "debian:12",
                any(WorkspaceState.values()),
                any(NetworkPolicy.values()),
                seed(),
                some(64, number -> new WorkspaceSecret(number + "N".repeat(118), any(SecretSource.values()))),
                ExecutionMode.GUEST_VIRTIO,
                1,
                1024,
                Duration.ofMinutes(10),
                NOW,
                NOW,
                NOW,
                1,
                1,
                size == Size.BARE ? null : NOW,
                2,
                1,
                size == Size.BARE ? null : new Workspace.LastCommand(text(131_000), 1));
    }

    private Service service(int number) {
        return new Service(
                ID,
                "service-" + number,
                any(ServiceState.values()),
                text(131_000),
                text(4_096),
                new Service.Probe("command", orNull(text(131_000)), Duration.ofSeconds(30), Duration.ofMillis(500)),
                NOW,
                size == Size.BARE ? null : NOW,
                size == Size.BARE ? null : NOW,
                size == Size.BARE ? null : 137,
                size == Size.BARE ? null : 4_000_000L,
                size == Size.BARE ? null : any(ServiceEnd.values()),
                some(PublishPort.MAX_PORTS, port -> new PublishedPort(60_000 + port, 1 + port)),
                ExecutionMode.GUEST_VIRTIO);
    }

    private ServiceLogs serviceLogs() {
        return new ServiceLogs(service(0), text(300_000), text(300_000), size == Size.BARE ? null : 200, false);
    }

    private Shell shell() {
        return new Shell(
                ID,
                new ShellId("sh-0123456789ab"),
                any(ShellState.values()),
                text(4_096),
                120,
                30,
                NOW,
                size == Size.BARE ? null : NOW,
                size == Size.BARE ? null : 129,
                ExecutionMode.GUEST_VIRTIO,
                1L << 40);
    }

    private WorkspaceSeed seed() {
        return new WorkspaceSeed(
                any(SeedMode.values()), orNull(text(4_096)), 1, 2, some(20, _ -> text(4_096)), 1_000_000);
    }

    private Snapshot snapshot(int number) {
        return new Snapshot(number == 0 ? Snapshot.BASELINE : "snapshot-" + number, 1, 2, NOW);
    }

    private Map<String, String> map() {
        Map<String, String> map = new HashMap<>();
        some(64, number -> map.put(number + text(110), text(1_000)));
        return map;
    }

    private <T> List<T> some(int most, IntFunction<T> element) {
        int count = switch (size) {
            case BARE -> 0;
            case USUAL -> 2;
            case HUGE -> most;
        };
        return IntStream.range(0, count).mapToObj(element).toList();
    }

    private String text(int maxBytes) {
        return switch (size) {
            case BARE -> "";
            case USUAL -> "some text";
            case HUGE -> hostile(maxBytes);
        };
    }

    private String hostile(int maxBytes) {
        StringBuilder text = new StringBuilder();
        String only = random.nextInt(4) == 0 ? PIECES.get(random.nextInt(PIECES.size())) : "";
        while (text.length() * 3 < maxBytes) {
            text.append(only.isEmpty() ? PIECES.get(random.nextInt(PIECES.size())) : only);
        }
        return text.toString();
    }

    private boolean full() {
        return size != Size.BARE;
    }

    private @Nullable String orNull(String text) {
        return size == Size.BARE ? null : text;
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
