package dev.pyro.machine.qemu;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.LogText;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.qemu.MachineStarter.Boot;
import dev.pyro.machine.qemu.QemuCommandLine.GuestShape;
import dev.pyro.machine.qemu.QemuCommandLine.Memory;
import dev.pyro.machine.qemu.QemuCommandLine.WorkDisk;
import dev.pyro.machine.qemu.QemuLauncher.Launched;
import dev.pyro.machine.qemu.QemuProgram.Version;
import dev.pyro.machine.qemu.QmpClient.Command;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Boots a machine once and saves it. */
final class TemplateBuilder {
    /** A saved state without the memory is some hundred kilobytes. */
    private static final long MAX_STATE_BYTES = 64L << 20;

    private static final Duration SAVE_TIMEOUT = Duration.ofSeconds(60);
    private static final String STATE_SOCKET = "state";
    private static final int OWNER_READ_WRITE = 0600;
    private static final int GROUP_READ_WRITE = 0660;
    private static final int EVERYBODY_READ = 0444;
    private static final int OWNER_READ = 0400;
    private static final int PASS_THROUGH = 0755;

    private final MachineStarter starter;

    TemplateBuilder(MachineStarter starter) {
        this.starter = starter;
    }

    /**
     * Builds a template.
     *
     * @param staging an empty folder of the caller's, in which {@code template} is the template afterwards
     */
    void build(Path staging, String key, MachineSpec spec, QemuProgram program, GuestImage image, GuestShape shape) {
        Version version = program.version();
        Confinement confinement = AcceleratorProbe.confinement(shape.accelerator());
        MachineFolder folder = new MachineFolder(staging.resolve("machine"));
        Path target = staging.resolve("template");
        Path memory = target.resolve("ram");
        try {
            for (Path created : List.of(staging, folder.directory(), target)) {
                Files.setAttribute(Files.createDirectories(created), "unix:mode", PASS_THROUGH);
            }
            createSparse(memory, (long) spec.memMib() << 20);
            MachineFolder.own(memory, confinement, OWNER_READ_WRITE);
        } catch (IOException e) {
            throw AtomicFiles.failure("create", memory, e);
        }
        HostAccess.requireReadable(memory, confinement);
        QemuCommandLine line = new QemuCommandLine(
                program.path(),
                "template",
                shape,
                image.kernel(),
                image.initramfs(),
                new Memory.Shared(memory),
                folder.rootDiskFromSockets(),
                new WorkDisk.Placeholder(spec.workDiskBytes()),
                false);
        // Always leased: nobody is to finish a template that its builder left.
        Launched launched = starter.boot(new Boot(
                "template-" + key,
                folder,
                spec.root().image(),
                spec.rootDiskBytes(),
                line,
                confinement,
                true,
                image.agent()));
        try (QmpClient control = launched.control()) {
            save(control, folder, confinement, target.resolve("state"));
            control.execute("quit");
            awaitEnd(launched.machine());
        } catch (PyroException e) {
            throw new PyroException(
                    e.code(),
                    LogText.after(
                            "cannot save the machine template: " + e.getMessage(),
                            launched.machine().logTail()),
                    e);
        } finally {
            launched.machine().stop();
        }
        try {
            Files.move(folder.rootDisk(), target.resolve("root.qcow2"), StandardCopyOption.ATOMIC_MOVE);
            boolean readOnlyMemory = version.isAtLeast(Version.READ_ONLY_MEMORY);
            finish(target, readOnlyMemory);
            Template.writeRecord(target, key, shape.tscKhz(), readOnlyMemory);
        } catch (IOException e) {
            throw AtomicFiles.failure("finish", target, e);
        }
    }

    /** Stops the guest and writes what its processor and devices are; its memory is in its file already. */
    private static void save(QmpClient control, MachineFolder folder, Confinement confinement, Path file) {
        // QEMU runs in the folder of its sockets. No "exec:", because the sandbox forbids it to start programs.
        Path socket = folder.socket(STATE_SOCKET);
        try (ServerSocketChannel server = UnixSockets.listen(socket)) {
            MachineFolder.own(socket, confinement, OWNER_READ_WRITE);
            CompletableFuture<Long> received = new CompletableFuture<>();
            Thread.ofPlatform().daemon().name("pyro-template-state").start(() -> receive(server, file, received));
            letIn(folder, confinement);
            control.execute(List.of(
                    Command.of("stop"),
                    MachineStarter.CAPABILITIES,
                    new Command(
                            "migrate",
                            JsonObject.builder()
                                    .put("uri", "unix:" + STATE_SOCKET)
                                    .build())));
            String status =
                    control.awaitStatus(MachineStarter.MIGRATION_EVENT, MachineStarter.FINAL_STATUSES, SAVE_TIMEOUT);
            if (!status.equals(MachineStarter.COMPLETED)) {
                throw new PyroException(ErrorCode.MACHINE_START_FAILED, "QEMU says " + status);
            }
            received.get(SAVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException e) {
            throw AtomicFiles.failure("listen on", socket, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new PyroException(ErrorCode.MACHINE_START_FAILED, "its state did not arrive: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while a machine template was saved", e);
        }
    }

    /** The folder of sockets was taken from the machine's user; QEMU must enter it once more to connect. */
    private static void letIn(MachineFolder folder, Confinement confinement) throws IOException {
        if (confinement.identity().isPresent()) {
            Files.setAttribute(
                    folder.sockets(), "unix:gid", confinement.identity().get());
            Files.setAttribute(folder.sockets(), "unix:mode", 0710);
        }
    }

    private static void receive(ServerSocketChannel server, Path file, CompletableFuture<Long> received) {
        try (SocketChannel source = server.accept();
                FileChannel target = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long total = 0;
            while (true) {
                long count = target.transferFrom(source, total, MAX_STATE_BYTES - total);
                if (count <= 0) {
                    break;
                }
                total += count;
            }
            if (total == MAX_STATE_BYTES) {
                throw new IOException("it is larger than " + MAX_STATE_BYTES + " bytes");
            }
            target.force(true);
            received.complete(total);
        } catch (IOException | RuntimeException e) {
            received.completeExceptionally(e);
        }
    }

    /** Gives the files to Pyro's own user, flushed to the disk: a template outlives a power failure. */
    private static void finish(Path target, boolean readOnlyMemory) throws IOException {
        Confinement own = new Confinement(Confinement.templateGroup().map(group -> 0), List.of(), false);
        Path memory = target.resolve("ram");
        MachineFolder.own(target.resolve("root.qcow2"), own, OWNER_READ);
        MachineFolder.own(target.resolve("state"), own, OWNER_READ);
        Optional<Integer> group = Confinement.templateGroup();
        if (readOnlyMemory) {
            MachineFolder.own(memory, own, EVERYBODY_READ);
        } else if (group.isPresent()) {
            // QEMU before 8.2 opens the file for writing, though it never writes. No user is in this group.
            MachineFolder.own(memory, own, GROUP_READ_WRITE);
            Files.setAttribute(memory, "unix:gid", group.get());
        }
        for (String name : List.of("ram", "root.qcow2")) {
            try (FileChannel file = FileChannel.open(target.resolve(name), StandardOpenOption.READ)) {
                file.force(true);
            }
        }
    }

    private static void createSparse(Path file, long bytes) throws IOException {
        try (java.io.RandomAccessFile sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
    }

    /** Asked to quit, QEMU writes its disk's last blocks first. */
    private static void awaitEnd(QemuMachine machine) {
        long deadline = System.nanoTime() + SAVE_TIMEOUT.toNanos();
        while (machine.isAlive()) {
            if (System.nanoTime() >= deadline) {
                throw new PyroException(ErrorCode.MACHINE_START_FAILED, "QEMU did not quit");
            }
            UnixSockets.pause();
        }
    }
}
