package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.LocalPyro;
import dev.pyro.model.CreateVm;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.Progress;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Service;
import dev.pyro.model.Snapshot;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A facade to cancel calls of, in a state folder of its own, and what must hold after each of them. */
abstract class CancellationFixture {
    protected static final String ENVIRONMENT = "debian:12";

    protected static final Duration BOUND = Duration.ofSeconds(20);
    private static final int SEED_FILES = 50;

    /** So much that pushing it can be cancelled on the way. */
    private static final int LARGE_BYTES = 24 << 20;

    /** Several processes, in sessions of their own, that show that they live. */
    protected static final String HEARTBEAT =
            "for i in 1 2; do setsid sh -c 'while :; do date +%s%N >/tmp/beat$0; sleep 0.02; done' $i & done; echo up; wait";

    private static final String BEATS = "cat /tmp/beat1 /tmp/beat2 2>/dev/null; true";

    @TempDir
    private static Path stateOfShared;

    @TempDir
    protected Path folder;

    /** Of its own: what is left in it is looked at, and other tests work in the shared one. */
    protected static Path cache;

    protected Path state;
    protected Path out;
    protected Path seed;
    protected Path large;
    protected Pyro pyro;

    @BeforeAll
    static void makeWhatIsShared() throws IOException {
        // Machines of root's run as another user, who must pass through.
        Files.setPosixFilePermissions(stateOfShared, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> shared = new HashMap<>(System.getenv());
        shared.put("PYRO_CACHE_DIR", PyroLauncher.sharedCache().toString());
        shared.put("PYRO_STATE_DIR", stateOfShared.toString());
        shared.put("PYRO_BACKEND", "namespace");
        Pyro first = LocalPyro.open(shared);
        first.pullEnvironment(ENVIRONMENT, Progress.Listener.NONE);
        // Unpacks the environment's files.
        first.runInVm(ENVIRONMENT, "true", compatible());
        cache = PyroLauncher.ownCache("cancellation");
    }

    @BeforeEach
    final void prepare() throws IOException {
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

    protected Pyro open(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PYRO_CACHE_DIR", cache.toString());
        environment.put("PYRO_STATE_DIR", state.toString());
        environment.putAll(more);
        return LocalPyro.open(environment);
    }

    protected void useBackend(String backend) {
        pyro = open(Map.of("PYRO_BACKEND", backend));
        // What is installed or built once is not part of this.
        pyro.runInVm(ENVIRONMENT, "true", compatible());
    }

    @AfterEach
    final void nobodyIsInterrupted() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Options with which every back end runs. */
    protected static RunInVm compatible() {
        return RunInVm.defaults()
                .withMachine(CreateVm.defaults().withMemMib(512).withAllowHostCompat(true));
    }

    /** Options of a workspace with files. */
    protected CreateWorkspace seeded() {
        return CreateWorkspace.defaults()
                .withMemMib(512)
                .withAllowHostCompat(true)
                .withSeedPath(seed);
    }

    /** No file, folder, lock or program but those of the workspace that stays. */
    protected void requireNothingLeft(WorkspaceId kept) throws IOException {
        assertThat(list(state.resolve("vms"))).isEmpty();
        assertThat(list(state.resolve("workspaces"))).containsExactly(kept.value());
        assertThat(list(state.resolve("workspaces").resolve(kept.value())))
                .noneMatch(name -> name.startsWith(".") || name.equals("scratch"));
        assertThat(list(state.resolve("scratch"))).isEmpty();
        assertThat(list(cache.resolve("staging"))).isEmpty();
        assertThat(list(out)).noneMatch(name -> name.startsWith("."));
        assertThat(list(seed)).hasSize(SEED_FILES + 1);
        for (Path locks : List.of(state.resolve("locks"), cache.resolve("locks"))) {
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

    protected PyroLauncher launcher() {
        return new PyroLauncher(state).with("PYRO_CACHE_DIR", cache.toString());
    }

    /** The programs that this process has started, without the machine of the workspace that stays. */
    private List<String> programs(WorkspaceId kept) throws IOException {
        List<String> machine = launcher().machineProcesses().stream()
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
        List<String> wanted = recorded(kept);
        launcher().machineProcesses().stream()
                .filter(line -> !wanted.contains(line.substring(0, line.indexOf(' '))))
                .forEach(found::add);
        return found;
    }

    /** The processes of a workspace's machine, as its records name them. */
    private List<String> recorded(WorkspaceId kept) throws IOException {
        List<String> pids = new ArrayList<>();
        try (Stream<Path> files = Files.walk(state.resolve("workspaces").resolve(kept.value()), 2)) {
            for (Path record : files.filter(file -> file.endsWith("machine.json") || file.endsWith("namespace.json"))
                    .toList()) {
                Matcher pid = Pattern.compile("\"pid\": *(\\d+)").matcher(Files.readString(record));
                while (pid.find()) {
                    pids.add(pid.group(1));
                }
            }
        }
        return pids;
    }

    protected static List<String> list(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
        }
    }

    /** A service is ready, or was ready, or there is nothing of it; those that run are stopped. */
    protected void requireNoHalfService(WorkspaceId id) {
        for (Service service : pyro.listServices(id).services()) {
            assertThat(service.name()).isEqualTo("beat");
            assertThat(service.readyAt()).isNotNull();
            pyro.stopService(id, service.name());
        }
    }

    /** It can be used, holds whole files and nothing of the agent's own, and its history has no gap. */
    protected void requireWhole(WorkspaceId id) {
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

    /** Runs a shell command in a workspace that must succeed, and returns its output. */
    protected String sh(WorkspaceId id, String script) {
        WorkspaceExec done = pyro.execWorkspace(id, script, ExecWorkspace.defaults());
        assertThat(done.result().exitCode()).as(done.result().stderr()).isZero();
        return done.result().stdout();
    }
}
