package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.LocalPyro;
import dev.pyro.model.CreateVm;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Snapshot;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.model.WorkspaceState;
import dev.pyro.sdk.Pyro;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of the facade are interrupted at random moments; after each, nothing of it is left and the workspace is whole. */
class CancellationIT {
    private static final String ENVIRONMENT = "debian:12";

    /** How many calls are cancelled, in hundredths of the standard number, which is so small that CI stays short. */
    private static final int ROUNDS_PERCENT = Integer.getInteger("pyro.cancelPercent", 100);

    /** So long a cancelled call may take on a busy host; it takes some milliseconds, and a moment more where a machine shuts down. */
    private static final Duration TO_END = Duration.ofSeconds(10);

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final int SEED_FILES = 50;

    /** So much that pushing it can be cancelled on the way. */
    private static final int LARGE_BYTES = 24 << 20;

    /** Several processes, in sessions of their own, that show that they live. */
    private static final String HEARTBEAT =
            "for i in 1 2; do setsid sh -c 'while :; do date +%s%N >/tmp/beat$0; sleep 0.02; done' $i & done; echo up; wait";

    private static final String BEATS = "cat /tmp/beat1 /tmp/beat2 2>/dev/null; true";

    @TempDir
    Path folder;

    private Path state;
    private Path out;
    private Path seed;
    private Path large;
    private Pyro pyro;

    @BeforeEach
    void prepare() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        state = folder.resolve("state");
        out = Files.createDirectories(folder.resolve("out"));
        seed = Files.createDirectories(folder.resolve("seed"));
        Files.writeString(seed.resolve("mark"), "whole\n");
        for (int i = 0; i < SEED_FILES; i++) {
            Files.writeString(seed.resolve("f" + i), "content " + i + "\n");
        }
        large = Files.createDirectories(folder.resolve("large"));
        Files.write(large.resolve("large"), new byte[LARGE_BYTES]);
        Files.writeString(large.resolve("small"), "small");
        pyro = open(Map.of());
    }

    private Pyro open(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PYRO_CACHE_DIR", PyroLauncher.sharedCache().toString());
        environment.put("PYRO_STATE_DIR", state.toString());
        environment.putAll(more);
        return LocalPyro.open(environment);
    }

    private void useBackend(String backend) {
        pyro = open(Map.of("PYRO_BACKEND", backend));
        // What is installed or built once is not part of this.
        pyro.runInVm(ENVIRONMENT, "true", compatible());
    }

    @AfterEach
    void nobodyIsInterrupted() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static RunInVm compatible() {
        return RunInVm.defaults()
                .withMachine(CreateVm.defaults().withMemMib(512).withAllowHostCompat(true));
    }

    private CreateWorkspace seeded() {
        return CreateWorkspace.defaults()
                .withMemMib(512)
                .withAllowHostCompat(true)
                .withSeedPath(seed);
    }

    @ParameterizedTest
    @CsvSource({"namespace, 25", "qemu, 3"})
    void aCancelledCallLeavesNothingAndAWholeWorkspace(String backend, int standardRounds) throws Exception {
        useBackend(backend);
        WorkspaceId id = pyro.createWorkspace(ENVIRONMENT, seeded()).workspaceId();
        long randomSeed = Long.getLong("pyro.cancelSeed", System.nanoTime());
        Random random = new Random(randomSeed);
        int rounds = standardRounds * ROUNDS_PERCENT / 100;
        Tally tally = new Tally();
        Map<String, Object> templates = templates();
        for (int round = 0; round < rounds; round++) {
            Operation operation =
                    operations(id).get(random.nextInt(operations(id).size()));
            // More often early: most calls are faster on a host that is not busy.
            double part = Math.pow(random.nextDouble(), 2);
            Duration delay =
                    Duration.ofNanos((long) (part * operation.longest(backend).toNanos()));
            String description =
                    "seed " + randomSeed + ", round " + round + ": " + operation.name() + " after " + delay.toMillis();
            try {
                CancelledCall call = CancelledCall.after(delay, operation.call());
                tally.add(operation.name(), call);
                assertThat(call.toEnd()).isLessThan(TO_END);
                requireNothingLeft(id);
                requireWhole(id);
            } catch (AssertionError | PyroException e) {
                throw new AssertionError(description, e);
            }
        }
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, backend + ": " + tally);
        // No start that was cancelled has thrown its template away.
        assertThat(templates()).isEqualTo(templates);
        pyro.deleteWorkspace(id);
        new PyroLauncher(state).awaitNothingLeft();
    }

    private static Map<String, Object> templates() throws IOException {
        Map<String, Object> templates = new HashMap<>();
        Path parent = PyroLauncher.sharedCache().resolve("templates");
        for (String key : list(parent)) {
            templates.put(key, Files.getAttribute(parent.resolve(key), "unix:ino"));
        }
        return templates;
    }

    /**
     * A call to cancel.
     *
     * @param millis how long it takes in namespaces
     */
    private record Operation(String name, int millis, CancelledCall.Call call) {
        Duration longest(String backend) {
            return Duration.ofMillis(backend.equals("qemu") ? 4L * millis : millis);
        }
    }

    private List<Operation> operations(WorkspaceId id) {
        return List.of(
                new Operation("create", 400, () -> {
                    Workspace made = pyro.createWorkspace(ENVIRONMENT, seeded());
                    Thread.interrupted();
                    pyro.deleteWorkspace(made.workspaceId());
                }),
                new Operation("exec", 150, () -> pyro.execWorkspace(id, HEARTBEAT, ExecWorkspace.defaults())),
                new Operation("short exec", 60, () -> pyro.execWorkspace(id, "echo short", ExecWorkspace.defaults())),
                new Operation("run", 300, () -> pyro.runInVm(ENVIRONMENT, HEARTBEAT, compatible())),
                new Operation("push", 150, () -> pyro.pushWorkspaceSync(id, large, "pushed", Progress.Listener.NONE)),
                new Operation("export", 100, () -> pyro.exportWorkspace(id, ".", out.resolve("x" + System.nanoTime()))),
                new Operation("diff", 100, () -> pyro.diffWorkspace(id)),
                new Operation("write", 40, () -> pyro.writeWorkspaceFile(id, "written", "all of it\n")),
                new Operation("patch", 60, () -> pyro.applyWorkspacePatch(id, patch(id), false)),
                new Operation("snapshot", 200, () -> pyro.createSnapshot(id, "s" + System.nanoTime())),
                new Operation("reset", 400, () -> pyro.resetWorkspace(id, Snapshot.BASELINE, Progress.Listener.NONE)),
                new Operation("stop", 200, () -> pyro.stopWorkspace(id)),
                new Operation("restart", 500, () -> {
                    pyro.stopWorkspace(id);
                    pyro.startWorkspace(id);
                }),
                new Operation("export of the disk", 800, () -> {
                    pyro.stopWorkspace(id);
                    pyro.exportWorkspaceDisk(id, out.resolve("d" + System.nanoTime()), Progress.Listener.NONE);
                }));
    }

    /** Changes the first line of two files, back and forth. */
    private String patch(WorkspaceId id) {
        boolean patched = pyro.readWorkspaceFile(id, "f0", 1024).content().contains("patched");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            String plain = "content " + i;
            String other = plain + " patched";
            text.append("--- a/f%d\n+++ b/f%d\n@@ -1 +1 @@\n-%s\n+%s\n"
                    .formatted(i, i, patched ? other : plain, patched ? plain : other));
        }
        return text.toString();
    }

    private void requireNothingLeft(WorkspaceId kept) throws IOException {
        assertThat(list(state.resolve("vms"))).isEmpty();
        assertThat(list(state.resolve("workspaces"))).containsExactly(kept.value());
        assertThat(list(state.resolve("workspaces").resolve(kept.value())))
                .noneMatch(name -> name.startsWith(".") || name.equals("scratch"));
        assertThat(list(state.resolve("scratch"))).isEmpty();
        assertThat(list(PyroLauncher.sharedCache().resolve("staging"))).isEmpty();
        assertThat(list(out)).noneMatch(name -> name.startsWith("."));
        assertThat(list(seed)).hasSize(SEED_FILES + 1);
        for (Path locks :
                List.of(state.resolve("locks"), PyroLauncher.sharedCache().resolve("locks"))) {
            for (String name : list(locks)) {
                assertThat(name).matches("vms.lock|workspaces.lock|" + kept.value() + ".*|[^w].*");
                var lock = InterProcessLock.tryAcquire(locks.resolve(name));
                assertThat(lock).as(name).isPresent();
                lock.get().close();
            }
        }
        // A machine is no child of this process's, but for its monitor.
        await().atMost(BOUND).untilAsserted(() -> assertThat(programs(kept)).isEmpty());
    }

    /** The programs that this process has started, without the machine of the workspace that stays. */
    private List<String> programs(WorkspaceId kept) {
        List<String> machine = new PyroLauncher(state)
                .machineProcesses().stream()
                        .map(line -> line.substring(0, line.indexOf(' ')))
                        .toList();
        List<String> others = ProcessHandle.current()
                .descendants()
                .filter(process -> !machine.contains(Long.toString(process.pid())))
                .filter(process -> process.parent()
                        .map(parent -> !machine.contains(Long.toString(parent.pid())))
                        .orElse(true))
                .map(process ->
                        process.pid() + " " + process.info().commandLine().orElse(""))
                .toList();
        List<String> found = new ArrayList<>(others);
        new PyroLauncher(state)
                .machineProcesses().stream()
                        .filter(line -> line.contains("vm-") || (line.contains("ws-") && !line.contains(kept.value())))
                        .forEach(found::add);
        return found;
    }

    private static List<String> list(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
        }
    }

    /** It can be used, holds whole files and nothing of the agent's own, and its history has no gap. */
    private void requireWhole(WorkspaceId id) {
        WorkspaceState before = pyro.statusWorkspace(id).state();
        assertThat(before).isNotEqualTo(WorkspaceState.CRASHED);
        if (before == WorkspaceState.STOPPED) {
            pyro.startWorkspace(id);
        }
        String beats = sh(id, BEATS);
        await().atMost(BOUND)
                .untilAsserted(() -> assertThat(sh(id, "sleep 0.1;" + BEATS)).isEqualTo(sh(id, BEATS)));
        assertThat(beats.isEmpty() || !sh(id, BEATS).isEmpty()).isTrue();
        assertThat(sh(id, "cat mark; ls | grep -c '^f'; test ! -e pushed || ls pushed | wc -l"))
                .isIn("whole\n50\n", "whole\n50\n2\n");
        assertThat(sh(id, "cat written 2>/dev/null; ls -A | grep pyro; true")).isIn("", "all of it\n");
        assertThat(sh(id, "cat f0 f1")).isIn("content 0\ncontent 1\n", "content 0 patched\ncontent 1 patched\n");
        List<WorkspaceLogs.Entry> entries = pyro.logsWorkspace(id).entries();
        assertThat(entries.stream().map(WorkspaceLogs.Entry::sequence))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, entries.size())
                        .mapToObj(Long::valueOf)
                        .toList());
        assertThat(entries).noneMatch(entry -> entry.command().equals(HEARTBEAT));
        // Each snapshot was taken whole: it can be gone back to.
        List<Snapshot> snapshots = pyro.listSnapshots(id).snapshots();
        if (snapshots.size() > 2) {
            String name = snapshots.getLast().name();
            pyro.resetWorkspace(id, name, Progress.Listener.NONE);
            assertThat(sh(id, "cat mark")).isEqualTo("whole\n");
            snapshots.stream().skip(1).forEach(snapshot -> pyro.deleteSnapshot(id, snapshot.name()));
        }
    }

    private String sh(WorkspaceId id, String script) {
        WorkspaceExec done = pyro.execWorkspace(id, script, ExecWorkspace.defaults());
        assertThat(done.result().exitCode()).as(done.result().stderr()).isZero();
        return done.result().stdout();
    }

    /** How many calls of which kind were cancelled, and how long they took to end. */
    private static final class Tally {
        private final Map<String, int[]> counts = new HashMap<>();
        private Duration longest = Duration.ZERO;

        void add(String name, CancelledCall call) {
            counts.computeIfAbsent(name, key -> new int[2])[call.cancelled() ? 0 : 1]++;
            longest = call.toEnd().compareTo(longest) > 0 ? call.toEnd() : longest;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            counts.forEach((name, count) -> text.append(name)
                    .append(' ')
                    .append(count[0])
                    .append('+')
                    .append(count[1])
                    .append(", "));
            return text + "cancelled + ended normally; the longest took " + longest.toMillis() + " ms";
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"namespace", "qemu"})
    void whatOthersDoInTheWorkspaceGoesOn(String backend) throws Exception {
        useBackend(backend);
        WorkspaceId id = pyro.createWorkspace(ENVIRONMENT, seeded()).workspaceId();
        CountDownLatch up = new CountDownLatch(1);
        CompletableFuture<WorkspaceExec> other = CompletableFuture.supplyAsync(() -> pyro.execWorkspace(
                id,
                "echo up; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo fine",
                ExecWorkspace.defaults().withTimeout(Duration.ofMinutes(2)),
                (stream, bytes) -> up.countDown()));
        assertThat(up.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        List<String> ends = List.of("create", "run", "reset", "stop", "restart", "export of the disk");
        for (Operation operation : operations(id)) {
            if (!ends.contains(operation.name())) {
                CancelledCall.after(Duration.ofMillis(20), operation.call());
            }
        }
        assertThat(other).isNotDone();
        sh(id, "touch /tmp/go");
        assertThat(other.get(BOUND.toSeconds(), TimeUnit.SECONDS).result().stdout())
                .isEqualTo("up\nfine\n");
        requireWhole(id);
        pyro.deleteWorkspace(id);
        new PyroLauncher(state).awaitNothingLeft();
    }

    /** What a listener throws ends the call as an interruption does. */
    @ParameterizedTest
    @ValueSource(strings = {"namespace", "qemu"})
    void aListenerThatThrowsEndsTheCall(String backend) throws Exception {
        useBackend(backend);
        WorkspaceId id = pyro.createWorkspace(ENVIRONMENT, seeded()).workspaceId();
        OutputListener deaf = (stream, bytes) -> {
            throw new IllegalStateException("deaf");
        };
        assertThatThrownBy(() -> pyro.execWorkspace(id, HEARTBEAT, ExecWorkspace.defaults(), deaf))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("deaf");
        assertThatThrownBy(() -> pyro.runInVm(ENVIRONMENT, HEARTBEAT, compatible(), deaf, Progress.Listener.NONE))
                .isInstanceOf(IllegalStateException.class);
        for (String phase : List.of("create", "seed", "start")) {
            assertThatThrownBy(() -> pyro.createWorkspace(ENVIRONMENT, seeded(), deafTo(phase)))
                    .isInstanceOf(IllegalStateException.class);
            requireNothingLeft(id);
        }
        assertThatThrownBy(() -> pyro.resetWorkspace(id, Snapshot.BASELINE, deafTo("start")))
                .isInstanceOf(IllegalStateException.class);
        requireNothingLeft(id);
        requireWhole(id);
        pyro.deleteWorkspace(id);
        new PyroLauncher(state).awaitNothingLeft();
    }

    private static Progress.Listener deafTo(String phase) {
        return progress -> {
            if (progress.phase().equals(phase)) {
                throw new IllegalStateException("deaf to " + phase);
            }
        };
    }

    /** One whose thread was interrupted before does not begin what would have to be waited for. */
    @ParameterizedTest
    @ValueSource(strings = {"namespace", "qemu"})
    void anInterruptionBeforeTheCallCounts(String backend) throws Exception {
        useBackend(backend);
        for (CancelledCall.Call call : List.<CancelledCall.Call>of(
                () -> pyro.createWorkspace(ENVIRONMENT, seeded()),
                () -> pyro.runInVm(ENVIRONMENT, "true", compatible()))) {
            CancelledCall.Call late = () -> {
                Thread.currentThread().interrupt();
                call.run();
            };
            assertThat(CancelledCall.after(Duration.ZERO, late).cancelled()).isTrue();
        }
        assertThatThrownBy(
                        () -> pyro.execWorkspace(new WorkspaceId("ws-00000000000b"), "true", ExecWorkspace.defaults()))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WORKSPACE_NOT_FOUND));
        new PyroLauncher(state).awaitNothingLeft();
    }
}
