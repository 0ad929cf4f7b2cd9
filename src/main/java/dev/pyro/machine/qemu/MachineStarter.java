package dev.pyro.machine.qemu;

import dev.pyro.disk.Qcow2;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend.GuestReadiness;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.qemu.QemuCommandLine.GuestShape;
import dev.pyro.machine.qemu.QemuCommandLine.Memory;
import dev.pyro.machine.qemu.QemuCommandLine.WorkDisk;
import dev.pyro.machine.qemu.QemuLauncher.Launch;
import dev.pyro.machine.qemu.QemuLauncher.Launched;
import dev.pyro.machine.qemu.QmpClient.Command;
import dev.pyro.model.Accelerator;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The two ways in which a machine comes to life: by booting its kernel, or from a template.
 *
 * <p>When a method here throws, nothing of the machine is left but what its folder held before.
 */
final class MachineStarter {
    /** Sets what both sides of a save and a restore must agree on: memory stays in its file, and progress is told. */
    static final Command CAPABILITIES = new Command(
            "migrate-set-capabilities",
            JsonObject.builder()
                    .put("capabilities", new JsonArray(List.of(capability("x-ignore-shared"), capability("events"))))
                    .build());

    static final String MIGRATION_EVENT = "MIGRATION";
    static final String COMPLETED = "completed";
    static final Set<String> FINAL_STATUSES = Set.of(COMPLETED, "failed", "cancelled");

    private static final Duration RESTORE_TIMEOUT = Duration.ofSeconds(60);
    private static final int OWNER_READ_WRITE = 0600;

    private final QemuLauncher launcher;
    private final GuestReadiness readiness;
    private final Qcow2 disks;

    MachineStarter(QemuLauncher launcher, GuestReadiness readiness, Qcow2 disks) {
        this.launcher = launcher;
        this.disks = disks;
        this.readiness = readiness;
    }

    /**
     * A cold boot.
     *
     * @param id the machine's id
     * @param folder where it lives
     * @param rootImage the environment's image
     * @param rootDiskBytes the virtual size of its root disk, if that has to be made
     * @param line QEMU's command line, whose workspace is given to the machine's user
     * @param confinement who it runs as
     * @param leased whether it must end with this process
     * @param agent the guest agent, which also filters what leaves the machine
     */
    record Boot(
            String id,
            MachineFolder folder,
            Path rootImage,
            long rootDiskBytes,
            QemuCommandLine line,
            Confinement confinement,
            boolean leased,
            Path agent) {}

    /** Boots a machine, making its root disk when it has none, and waits for its agent. */
    Launched boot(Boot boot) {
        MachineFolder folder = boot.folder();
        boolean newDisk = !Files.exists(folder.rootDisk());
        boolean done = false;
        try {
            requireReadable(boot.line(), boot.rootImage(), boot.confinement());
            if (newDisk) {
                disks.createOverlay(folder.rootDisk(), boot.rootImage(), Qcow2.Format.RAW, boot.rootDiskBytes());
            }
            own(folder.rootDisk(), boot.confinement());
            admit(boot.line(), boot.confinement());
            Launched launched = launcher.launch(new Launch(
                    boot.id(),
                    folder,
                    boot.line(),
                    boot.confinement(),
                    boot.leased(),
                    null,
                    Optional.empty(),
                    boot.agent()));
            try {
                launched.console().follow(folder.socket(QemuCommandLine.CONSOLE_SOCKET));
                launched.control().execute("qmp_capabilities");
                awaitReady(launched.machine());
                done = true;
                return launched;
            } finally {
                if (!done) {
                    launched.control().close();
                    launched.machine().stop();
                }
            }
        } finally {
            if (!done) {
                removeTraces(folder, newDisk);
            }
        }
    }

    /** Starts a machine from a template. Its disk must not exist yet. */
    Machine restore(
            MachineSpec spec, QemuProgram program, GuestImage image, Accelerator accelerator, Template template) {
        MachineFolder folder = new MachineFolder(spec.directory());
        Confinement confinement = AcceleratorProbe.confinement(accelerator);
        if (!template.readOnlyMemory() && Confinement.templateGroup().isPresent()) {
            confinement = confinement.withGroup(Confinement.templateGroup().get());
        }
        QemuCommandLine line = new QemuCommandLine(
                program.path(),
                spec.id(),
                new GuestShape(accelerator, spec.vcpuCount(), spec.memMib(), spec.network(), template.tscKhz()),
                image.kernel(),
                image.initramfs(),
                new Memory.CopyOnWrite(template.memory(), template.readOnlyMemory()),
                folder.rootDiskFromSockets(),
                WorkDisk.of(spec),
                true);
        boolean done = false;
        try {
            requireReadable(line, spec.root().image(), confinement);
            HostAccess.requireReadable(template.memory(), confinement);
            copyRootDisk(template, folder, confinement);
            admit(line, confinement);
            Launched launched = launcher.launch(new Launch(
                    spec.id(),
                    folder,
                    line,
                    confinement,
                    spec.leased(),
                    template.state(),
                    Optional.of(template.key()),
                    image.agent()));
            try (QmpClient control = launched.control()) {
                resume(control, launched);
                launched.console().follow(folder.socket(QemuCommandLine.CONSOLE_SOCKET));
                done = true;
            } finally {
                if (!done) {
                    launched.machine().stop();
                }
            }
            return launched.machine();
        } finally {
            if (!done) {
                removeTraces(folder, true);
            }
        }
    }

    private static void resume(QmpClient control, Launched launched) {
        try {
            control.execute(List.of(
                    Command.of("qmp_capabilities"),
                    CAPABILITIES,
                    new Command(
                            "migrate-incoming",
                            JsonObject.builder().put("uri", "fd:0").build())));
            String status = control.awaitStatus(MIGRATION_EVENT, FINAL_STATUSES, RESTORE_TIMEOUT);
            if (!status.equals(COMPLETED)) {
                throw new PyroException(ErrorCode.MACHINE_START_FAILED, "QEMU says " + status);
            }
            control.execute("cont");
        } catch (PyroException e) {
            if (e.code() != ErrorCode.MACHINE_START_FAILED) {
                throw e;
            }
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED,
                    LogText.after(
                            "machine " + launched.machine().id() + " could not be restored from its template: "
                                    + e.getMessage(),
                            launched.machine().logTail()),
                    e);
        }
    }

    private void awaitReady(QemuMachine machine) {
        try {
            readiness.await(machine);
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            if (!machine.isAlive()) {
                throw new PyroException(
                        ErrorCode.MACHINE_START_FAILED,
                        LogText.after(
                                "machine " + machine.id() + " ended before its guest was ready", machine.logTail()),
                        e);
            }
            throw new PyroException(
                    e.code(),
                    LogText.after(
                            "the guest of machine " + machine.id() + " did not become ready: " + e.getMessage(),
                            machine.logTail()),
                    e);
        }
    }

    private static void requireReadable(QemuCommandLine line, Path rootImage, Confinement confinement) {
        HostAccess.requireReadable(line.kernel(), confinement);
        HostAccess.requireReadable(line.initramfs(), confinement);
        HostAccess.requireReadable(rootImage, confinement);
    }

    private static void copyRootDisk(Template template, MachineFolder folder, Confinement confinement) {
        try {
            Files.copy(template.rootDisk(), folder.rootDisk(), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw AtomicFiles.failure("create", folder.rootDisk(), e);
        }
        own(folder.rootDisk(), confinement);
    }

    private static void own(Path disk, Confinement confinement) {
        try {
            MachineFolder.own(disk, confinement, OWNER_READ_WRITE);
        } catch (IOException e) {
            throw AtomicFiles.failure("change the owner of", disk, e);
        }
    }

    /** Lets the machine's user open the layers of its workspace, and write the last of them. */
    private static void admit(QemuCommandLine line, Confinement confinement) {
        if (line.workDisk() instanceof WorkDisk.Layers(LayerFiles files, List<Layer> chain)) {
            files.admit(chain, confinement);
        }
    }

    private static void removeTraces(MachineFolder folder, boolean withDisk) {
        if (isAlive(folder)) {
            // One of its processes does not end; nobody would know of it without the record.
            return;
        }
        folder.removeTraces();
        if (withDisk) {
            AtomicFiles.deleteTree(folder.rootDisk());
        }
    }

    private static boolean isAlive(MachineFolder folder) {
        try {
            return MachineRecord.read(folder.record())
                    .filter(MachineRecord::isAlive)
                    .isPresent();
        } catch (PyroException e) {
            // A record that cannot be read says nothing of a process.
            return false;
        }
    }

    private static JsonObject capability(String name) {
        return JsonObject.builder().put("capability", name).put("state", true).build();
    }
}
