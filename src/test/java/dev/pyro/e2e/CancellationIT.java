package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.CreateVm;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.Readiness;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Snapshot;
import dev.pyro.model.StartService;
import dev.pyro.model.VmId;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of the facade are interrupted at random moments; after each, nothing of it is left and the workspace is whole. */
class CancellationIT extends CancellationFixture {
    /** How many calls are cancelled, in hundredths of the standard number, which is so small that CI stays short. */
    private static final int ROUNDS_PERCENT = Integer.getInteger("pyro.cancelPercent", 100);

    /** So long a cancelled call may take on a busy host; it takes some milliseconds, and a moment more where a machine shuts down. */
    private static final Duration TO_END = Duration.ofSeconds(25);

    private static final int SERVICE_ROUNDS = 12;

    private static final StartService NEVER =
            StartService.defaults().withReadiness(new Readiness.FileExists("/no/such/file"));

    @ParameterizedTest
    @CsvSource({"namespace, 25", "qemu, 3"})
    void aCancelledCallLeavesNothingAndAWholeWorkspace(String backend, int standardRounds) throws Exception {
        useBackend(backend);
        WorkspaceId id = pyro.createWorkspace(ENVIRONMENT, seeded()).workspaceId();
        Map<String, Object> templates = templates();
        cancel(id, backend, operations(id), standardRounds);
        // No start that was cancelled has thrown its template away.
        assertThat(templates()).isEqualTo(templates);
        pyro.deleteWorkspace(id);
        launcher().awaitNothingLeft();
    }

    @Test
    void aCancelledStartOfAServiceLeavesNothing() throws Exception {
        useBackend("namespace");
        WorkspaceId id = pyro.createWorkspace(ENVIRONMENT, seeded()).workspaceId();
        cancel(
                id,
                "namespace",
                operations(id).stream()
                        .filter(operation -> operation.name().contains("service"))
                        .toList(),
                SERVICE_ROUNDS);
        pyro.deleteWorkspace(id);
        launcher().awaitNothingLeft();
    }

    /** Cancels calls at random moments and looks at what is left. */
    private void cancel(WorkspaceId id, String backend, List<Operation> operations, int standardRounds)
            throws Exception {
        long randomSeed = Long.getLong("pyro.cancelSeed", System.nanoTime());
        Random random = new Random(randomSeed);
        int rounds = standardRounds * ROUNDS_PERCENT / 100;
        Tally tally = new Tally();
        for (int round = 0; round < rounds; round++) {
            Operation operation = operations.get(random.nextInt(operations.size()));
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
                requireNoHalfService(id);
                requireNothingLeft(id);
                requireWhole(id);
            } catch (AssertionError | PyroException e) {
                throw new AssertionError(description, e);
            }
        }
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, backend + ": " + tally);
    }

    private static Map<String, Object> templates() throws IOException {
        Map<String, Object> templates = new HashMap<>();
        Path parent = cache.resolve("templates");
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
                new Operation("service", 600, () -> pyro.startService(id, "beat", HEARTBEAT, StartService.defaults())),
                new Operation("stop of a service", 100, () -> {
                    pyro.startService(id, "beat", HEARTBEAT, StartService.defaults());
                    pyro.stopService(id, "beat");
                }),
                new Operation(
                        "service that is never ready", 200, () -> pyro.startService(id, "never", HEARTBEAT, NEVER)),
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
        launcher().awaitNothingLeft();
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
        launcher().awaitNothingLeft();
    }

    private static Progress.Listener deafTo(String phase) {
        return progress -> {
            if (progress.phase().equals(phase)) {
                throw new IllegalStateException("deaf to " + phase);
            }
        };
    }

    /** The first start with so much memory boots a machine and saves it, which takes seconds. */
    @Test
    void aTemplateThatIsBuiltIsAbandoned() throws Exception {
        pyro = open(Map.of("PYRO_BACKEND", "qemu"));
        RunInVm unusual = RunInVm.defaults().withMachine(CreateVm.defaults().withMemMib(515));
        for (Duration delay : List.of(Duration.ofMillis(700), Duration.ofMillis(2000))) {
            CancelledCall call = CancelledCall.after(delay, () -> pyro.runInVm(ENVIRONMENT, HEARTBEAT, unusual));
            assertThat(call.cancelled()).isTrue();
            assertThat(call.toEnd()).isLessThan(TO_END);
            assertThat(list(cache.resolve("staging"))).isEmpty();
            launcher().awaitNothingLeft();
        }
    }

    @Test
    void whoeverWaitsForASlotLeavesTheQueue() throws Exception {
        pyro = open(Map.of("PYRO_BACKEND", "namespace", "PYRO_MAX_ACTIVE_VMS", "1"));
        VmId first = pyro.createVm(
                        ENVIRONMENT, CreateVm.defaults().withMemMib(512).withAllowHostCompat(true))
                .vmId();
        pyro.startVm(first);
        AtomicBoolean waited = new AtomicBoolean();
        Progress.Listener listener = progress -> {
            if (progress.phase().equals("wait")) {
                waited.set(true);
                Thread.currentThread().interrupt();
            }
        };
        assertThatThrownBy(() -> pyro.runInVm(ENVIRONMENT, "true", compatible(), OutputListener.NONE, listener))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(waited).isTrue();
        assertThat(list(state.resolve("vms"))).containsExactly(first.value());
        pyro.deleteVm(first);
        launcher().awaitNothingLeft();
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
        launcher().awaitNothingLeft();
    }
}
