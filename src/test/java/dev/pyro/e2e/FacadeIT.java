package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.LocalPyro;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Vm;
import dev.pyro.model.VmId;
import dev.pyro.model.VmRun;
import dev.pyro.model.VmState;
import dev.pyro.sdk.Pyro;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The facade with real guests: machines that are kept, their limits, and what is left of them. */
class FacadeIT {
    private static final String ENVIRONMENT = "debian:12";

    @TempDir
    Path folder;

    private Path state;

    @BeforeEach
    void openFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        state = folder.resolve("state");
    }

    @AfterEach
    void nothingIsLeft() {
        new PyroLauncher(state).awaitNothingLeft();
    }

    private Pyro open(Map<String, String> more) {
        Map<String, String> environment = new java.util.HashMap<>(System.getenv());
        environment.put("PYRO_CACHE_DIR", PyroLauncher.sharedCache().toString());
        environment.put("PYRO_STATE_DIR", state.toString());
        environment.putAll(more);
        return LocalPyro.open(environment);
    }

    private static void assertFails(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aMachineIsCreatedUsedStoppedStartedAndDeleted(String backend) {
        Pyro pyro = open(Map.of("PYRO_BACKEND", backend));
        Vm vm = pyro.createVm(
                ENVIRONMENT,
                CreateVm.defaults().withMemMib(512).withAllowHostCompat(true).withMetadata(Map.of("purpose", "test")));
        VmId id = vm.vmId();
        try {
            assertThat(vm.state()).isEqualTo(VmState.CREATED);
            assertFails(ErrorCode.VM_WRONG_STATE, () -> pyro.execVm(id, "true", ExecVm.defaults()));

            Vm started = pyro.startVm(id);
            assertThat(started.state()).isEqualTo(VmState.STARTED);
            assertThat(started.executionMode())
                    .isEqualTo(backend.equals("qemu") ? ExecutionMode.GUEST_VIRTIO : ExecutionMode.HOST_COMPAT);
            assertThat(pyro.startVm(id).state()).isEqualTo(VmState.STARTED);
            assertThat(pyro.statusVm(id).metadata()).containsEntry("purpose", "test");
            assertThat(pyro.networkInfoVm(id).outboundConnectivityExpected()).isFalse();

            StringBuilder live = new StringBuilder();
            VmRun run = pyro.execVm(
                    id,
                    "echo kept > /root/note; sync; echo out; echo err >&2; exit 7",
                    ExecVm.defaults(),
                    (stream, bytes) -> live.append(stream == Stream.STDOUT ? "o:" : "e:")
                            .append(StandardCharsets.UTF_8.decode(bytes)));
            assertThat(run.result().exitCode()).isEqualTo(7);
            assertThat(run.result().stdout()).isEqualTo("out\n");
            assertThat(run.result().stderr()).isEqualTo("err\n");
            assertThat(live.toString()).contains("o:out\n", "e:err\n");
            assertThat(run.cleanup().deleted()).isFalse();

            // Another facade finds the machine by its record alone.
            assertThat(open(Map.of()).statusVm(id).state()).isEqualTo(VmState.STARTED);

            assertThat(pyro.stopVm(id).state()).isEqualTo(VmState.STOPPED);
            assertThat(pyro.stopVm(id).state()).isEqualTo(VmState.STOPPED);
            assertFails(ErrorCode.VM_WRONG_STATE, () -> pyro.execVm(id, "true", ExecVm.defaults()));
            pyro.startVm(id);
            assertThat(pyro.execVm(id, "cat /root/note", ExecVm.defaults())
                            .result()
                            .stdout())
                    .isEqualTo("kept\n");
        } finally {
            assertThat(pyro.deleteVm(id).deleted()).isTrue();
        }
        assertFails(ErrorCode.VM_NOT_FOUND, () -> pyro.statusVm(id));
        assertFails(ErrorCode.VM_NOT_FOUND, () -> pyro.deleteVm(id));
    }

    @Test
    void asManyMachinesRunAsAreAllowed() {
        Pyro pyro = open(Map.of("PYRO_MAX_ACTIVE_VMS", "1", "PYRO_BACKEND", "namespace"));
        CreateVm options = CreateVm.defaults().withAllowHostCompat(true);
        VmId first = pyro.createVm(ENVIRONMENT, options).vmId();
        VmId second = pyro.createVm(ENVIRONMENT, options).vmId();
        try {
            pyro.startVm(first);
            assertFails(ErrorCode.VM_LIMIT_REACHED, () -> pyro.startVm(second));
            assertThat(pyro.statusVm(second).state()).isEqualTo(VmState.CREATED);
            pyro.stopVm(first);
            assertThat(pyro.startVm(second).state()).isEqualTo(VmState.STARTED);
        } finally {
            pyro.deleteVm(first);
            pyro.deleteVm(second);
        }
    }

    @Test
    void aMachineThatEndedByItselfIsSeenAsStopped() {
        // It does not count itself when it is started again.
        Pyro pyro = open(Map.of("PYRO_BACKEND", "namespace", "PYRO_MAX_ACTIVE_VMS", "1"));
        VmId id = pyro.createVm(ENVIRONMENT, CreateVm.defaults().withAllowHostCompat(true))
                .vmId();
        try {
            pyro.startVm(id);
            Path machine = state.resolve("vms").resolve(id.value()).resolve("machine");
            List<ProcessHandle> processes = new ArrayList<>(ProcessHandle.allProcesses()
                    .filter(process -> commandLine(process).contains(machine.toString()))
                    .toList());
            assertThat(processes).isNotEmpty();
            processes.forEach(ProcessHandle::destroyForcibly);
            await().atMost(Duration.ofSeconds(20)).until(() -> pyro.statusVm(id).state() == VmState.STOPPED);
            assertFails(ErrorCode.VM_WRONG_STATE, () -> pyro.execVm(id, "true", ExecVm.defaults()));
            assertThat(pyro.startVm(id).state()).isEqualTo(VmState.STARTED);
        } finally {
            pyro.deleteVm(id);
        }
    }

    /** What the record of such a machine says is all that is left of the process that was killed. */
    @Test
    void aStartWhoseProcessWasKilledIsUndoneByTheNext() throws IOException {
        Pyro pyro = open(Map.of("PYRO_BACKEND", "namespace"));
        VmId id = pyro.createVm(ENVIRONMENT, CreateVm.defaults().withAllowHostCompat(true))
                .vmId();
        try {
            pyro.startVm(id);
            pyro.execVm(id, "echo lost > /root/note", ExecVm.defaults());
            Path record = state.resolve("vms").resolve(id.value()).resolve("vm.json");
            String begun = Files.readString(record).replace("\"started_from\": null", "\"started_from\": \"created\"");
            Files.writeString(record, begun);

            assertThat(pyro.statusVm(id).state()).isEqualTo(VmState.CREATED);
            assertThat(pyro.statusVm(id).executionMode()).isNull();
            assertFails(ErrorCode.VM_WRONG_STATE, () -> pyro.execVm(id, "true", ExecVm.defaults()));
            assertThat(pyro.startVm(id).state()).isEqualTo(VmState.STARTED);
            assertThat(pyro.execVm(id, "cat /root/note; echo kept > /root/note", ExecVm.defaults())
                            .result()
                            .stdout())
                    .isEmpty();

            Files.writeString(record, begun.replace("\"created\"", "\"stopped\""));
            assertThat(pyro.statusVm(id).state()).isEqualTo(VmState.STOPPED);
            assertThat(pyro.startVm(id).state()).isEqualTo(VmState.STARTED);
            assertThat(pyro.execVm(id, "cat /root/note", ExecVm.defaults())
                            .result()
                            .stdout())
                    .isEqualTo("kept\n");

            Files.writeString(record, begun);
            assertFails(ErrorCode.VM_WRONG_STATE, () -> pyro.stopVm(id));
            new PyroLauncher(state).awaitNoProcess();
        } finally {
            pyro.deleteVm(id);
        }
    }

    @Test
    void whatKilledProcessesLeftIsReaped() throws IOException {
        Pyro pyro = open(Map.of());
        Path abandoned = state.resolve("vms/vm-00000000000a/machine");
        Files.createDirectories(abandoned);
        assertThat(pyro.reapExpired().deletedVmIds()).containsExactly(new VmId("vm-00000000000a"));
        assertThat(pyro.reapExpired().deletedVmIds()).isEmpty();
    }

    @Test
    void theLibraryReportsTheSamePhasesAsTheCommandLine() {
        List<String> phases = Collections.synchronizedList(new ArrayList<>());
        VmRun run = open(Map.of("PYRO_BACKEND", "namespace"))
                .runInVm(
                        ENVIRONMENT,
                        "echo hello",
                        RunInVm.defaults().withMachine(CreateVm.defaults().withAllowHostCompat(true)),
                        (stream, bytes) -> {},
                        (Progress progress) -> phases.add(progress.phase()));
        assertThat(run.result().stdout()).isEqualTo("hello\n");
        assertThat(phases).containsSubsequence("create", "start", "execute");
    }

    @Test
    void theExampleOfOneCommandCompilesAndRuns() throws IOException, InterruptedException {
        assertThat(runExample("RunOneCommand.java")).contains("git version ", "kept\nexit code 3\n");
    }

    @Test
    void theExampleOfAWorkspaceCompilesAndRuns() throws IOException, InterruptedException {
        Path seed = Files.createDirectories(folder.resolve("seed"));
        Files.writeString(seed.resolve("test.sh"), "test \"$(cat answer.txt)\" = 42\n");
        Files.writeString(seed.resolve("answer.txt"), "41\n");
        assertThat(runExample("FixInWorkspace.java", seed.toString()))
                .contains("before: exit code 1\nafter: exit code 0\n", "-41\n+42\n", "changed after reset: false\n");
    }

    private String runExample(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                String.join(
                        File.pathSeparator,
                        PyroLauncher.PROJECT.resolve("target/classes").toString(),
                        PyroLauncher.PROJECT.resolve("target/lib").toString() + "/*"),
                PyroLauncher.PROJECT.resolve("examples").resolve(name).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "PYRO_CACHE_DIR", PyroLauncher.sharedCache().toString(), "PYRO_STATE_DIR", state.toString()));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return output;
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return new String(
                    Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline")), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
