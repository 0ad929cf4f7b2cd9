package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pyro.machine.MachineSite;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong at a start is said in one clear message, and nothing stays behind. */
@Timeout(300)
class QemuFaultIT {
    private final QemuSite site = new QemuSite(MachineSite.createFolder());
    private GuestImage image = new GuestImage("", Path.of("/"), Path.of("/"), Path.of("/"));

    @BeforeEach
    void prepare() throws IOException {
        site.prepare();
        image = QemuSite.guestImage();
    }

    @AfterEach
    void delete() {
        site.delete();
    }

    @Test
    void missingQemu() throws IOException {
        assertStartFails(Map.of("PYRO_QEMU", "/no/such/qemu"), ErrorCode.HOST_TOOL_MISSING, "apt-get install");
    }

    @Test
    void oldQemu() throws IOException {
        Path old = script("echo 'QEMU emulator version 6.2.0 (Debian)'");
        assertStartFails(Map.of("PYRO_QEMU", old.toString()), ErrorCode.HOST_UNSUPPORTED, "6.2", "7.2");
    }

    @Test
    void qemuThatDiesAtItsStart() throws IOException {
        Path dying = script("[ \"$1\" = --version ] && { echo QEMU emulator version 7.2.0; exit; }\n"
                + "echo first line; echo 'the reason why' >&2; exit 3");
        assertStartFails(
                Map.of("PYRO_QEMU", dying.toString()),
                ErrorCode.MACHINE_START_FAILED,
                "QEMU ended before",
                "the reason why");
    }

    @Test
    void unknownAccelerator() throws IOException {
        assertStartFails(Map.of("PYRO_ACCEL", "turbo"), ErrorCode.INVALID_ARGUMENT, "turbo");
    }

    @Test
    void guestThatPanics() throws IOException {
        image = new GuestImage(image.digest(), image.kernel(), site.base().resolve("empty"), image.agent());
        Files.writeString(image.initramfs(), "");
        for (StartMode mode : StartMode.values()) {
            assertThatThrownBy(() -> start(Map.of(), QemuSite::awaitAgent, mode))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MACHINE_START_FAILED))
                    .hasMessageContaining("Kernel panic");
            assertNothingIsLeft();
        }
    }

    @Test
    void guestThatNeverAnswers() throws IOException {
        List<ProcessIdentity> processes = new ArrayList<>();
        assertThatThrownBy(() -> start(
                        Map.of(),
                        machine -> {
                            processes.add(machine.process());
                            throw new PyroException(ErrorCode.GUEST_TIMEOUT, "no answer within 1 s");
                        },
                        StartMode.TEMPLATE))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.GUEST_TIMEOUT))
                .hasMessageContaining("no answer within 1 s");
        assertThat(processes).hasSize(1).noneMatch(ProcessIdentity::isAlive);
        assertNothingIsLeft();
    }

    @Test
    void folderThatQemusUserMayNotEnter() throws IOException {
        assumeThat(Host.isRoot()).isTrue();
        Files.setPosixFilePermissions(site.base(), PosixFilePermissions.fromString("rwx------"));
        assertStartFails(Map.of(), ErrorCode.STORAGE_UNUSABLE, "chmod o+x " + site.base());
    }

    @Test
    void passtThatIsMissingOrDies() throws IOException {
        Path dying = script("echo 'No routable interface' >&2; exit 1");
        for (String passt : List.of("/no/such/passt", dying.toString())) {
            MachineSpec plain = site.spec("vm-00000000000a", true, StartMode.COLD);
            MachineSpec spec = new MachineSpec(
                    plain.id(),
                    plain.directory(),
                    plain.root(),
                    1,
                    256,
                    plain.rootDiskBytes(),
                    MachineSpec.DEFAULT_WORK_DISK_BYTES,
                    MachineSpec.NetworkMode.EGRESS,
                    null,
                    true,
                    StartMode.COLD);
            assertThatThrownBy(() -> site.backend(emulated(Map.of("PYRO_PASST", passt)), QemuSite::awaitAgent, image)
                            .start(spec, Progress.Listener.NONE))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_UNAVAILABLE))
                    .hasMessageContaining(passt.startsWith("/no") ? "not installed" : "No routable interface");
            assertNothingIsLeft();
        }
    }

    @Test
    void kvmWorksOnlyWhereAKernelWasSeenToBoot() throws IOException {
        assertThat(tryBoot("echo 'VFS: Unable to mount root fs on unknown-block(0,0)'"))
                .isEqualTo(new AcceleratorProbe.Verdict(true, "a guest kernel boots under KVM"));
        AcceleratorProbe.Verdict aborted = tryBoot("echo 'KVM internal error' >&2; exit 134");
        assertThat(aborted.usable()).isFalse();
        assertThat(aborted.reason()).contains("does not boot", "exit code 134", "KVM internal error");
        AcceleratorProbe.Verdict hung = tryBoot("exec sleep 60");
        assertThat(hung.usable()).isFalse();
        assertThat(hung.reason()).contains("did not boot under KVM within 2 s");
    }

    private AcceleratorProbe.Verdict tryBoot(String text) throws IOException {
        return AcceleratorProbe.tryBoot(
                new QemuProgram(script(text), ""),
                image.kernel(),
                AcceleratorProbe.KVM_TRIAL,
                Confinement.ownUser(),
                Duration.ofSeconds(2));
    }

    private void assertStartFails(Map<String, String> variables, ErrorCode code, String... words) throws IOException {
        assertThatThrownBy(() -> start(variables, QemuSite::awaitAgent, StartMode.TEMPLATE))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code))
                .message()
                .contains(words);
        assertNothingIsLeft();
    }

    private void start(
            Map<String, String> variables, dev.pyro.machine.MachineBackend.GuestReadiness readiness, StartMode mode) {
        site.backend(emulated(variables), readiness, image)
                .start(site.spec("vm-00000000000a", true, mode), Progress.Listener.NONE);
    }

    private static Map<String, String> emulated(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(Map.of("PYRO_ACCEL", "tcg"));
        all.putAll(variables);
        return all;
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(site.paths().vms().resolve("vm-00000000000a")).isEmptyDirectory();
        if (Files.exists(site.paths().staging())) {
            assertThat(site.paths().staging()).isEmptyDirectory();
        }
        assertThat(site.paths().templates())
                .satisfiesAnyOf(
                        folder -> assertThat(folder).doesNotExist(),
                        folder -> assertThat(folder).isEmptyDirectory());
        assertThat(HostCommand.of(Duration.ofSeconds(10), List.of("ps", "-eo", "args", "-ww"))
                        .runOrFail("list processes")
                        .lines()
                        .filter(line -> line.contains(site.base().toString()) && line.contains("qemu")))
                .isEmpty();
    }

    private Path script(String text) throws IOException {
        Path file = site.base().resolve("script");
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}
