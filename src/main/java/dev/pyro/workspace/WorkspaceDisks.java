package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.ExecOutcome;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.disk.DiskUsage;
import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.OfflineDisk.Content;
import dev.pyro.machine.OfflineDisk.Exported;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.model.Arguments;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.GuestStarter.StartedGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The disks of stopped workspaces, read without their machines. Safe for use by several threads and processes. */
public final class WorkspaceDisks {
    private static final String OPERATION = "workspace";
    private static final Duration COPY_BOUND = Duration.ofMinutes(30);
    private static final int COPY_MEM_MIB = 512;
    private static final int HINT_BYTES = 4096;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /** Under the workspace's own volume lies the folder of the root, which a bind mount of the root shows. */
    private static final String COPY = "set -e; mkdir -p /run/pyro-root /workspace; mount --bind / /run/pyro-root;"
            + " mkdir -p /run/pyro-root/workspace; cp -a /workspace/. /run/pyro-root/workspace/;"
            + " umount /run/pyro-root; rmdir /run/pyro-root; sync";

    private final WorkspaceAccess access;

    public WorkspaceDisks(WorkspaceContext context) {
        this.access = context.workspaces();
    }

    /** Lists a directory's entries, or a file itself. */
    public WorkspaceFiles list(WorkspaceId id, String path, boolean recursive) {
        String absolute = GuestPaths.absolute(path);
        return withDisk(
                id,
                disk -> new WorkspaceFiles(
                        id,
                        absolute,
                        recursive,
                        disk.list(absolute, recursive, WorkspaceFileAccess.MAX_LISTED).stream()
                                .map(entry -> new WorkspaceFiles.Entry(
                                        entry.path(),
                                        entry.type(),
                                        entry.sizeBytes(),
                                        entry.type() == ArtifactType.SYMLINK ? entry.linkTarget() : null))
                                .toList()));
    }

    /** Reads a text file. */
    public WorkspaceFile read(WorkspaceId id, String path, int maxBytes) {
        TextFiles.requireMaxBytes(maxBytes);
        String absolute = GuestPaths.absolute(path);
        return withDisk(id, disk -> {
            Content content = disk.read(absolute, maxBytes);
            return TextFiles.text(id, absolute, content.sizeBytes(), maxBytes, content.bytes());
        });
    }

    /** Writes the whole machine as one ext4 image. */
    public WorkspaceDiskExport export(WorkspaceId id, Path output, Progress.Listener listener) {
        Path target = requireNewOutput(output);
        Path folder = target.resolveSibling("." + target.getFileName() + ".pyro-" + id.value());
        try (InterProcessLock _ = access.store().lockExisting(id)) {
            WorkspaceRecord record = stopped(id);
            listener.onProgress(Progress.of(OPERATION, "export", id.value()));
            Path scratch = access.store().createScratch(id);
            try {
                AtomicFiles.deleteTree(folder);
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
                Path partial = folder.resolve("image");
                export(record, AtomicFiles.createStaging(scratch, "export"), partial, listener);
                Files.move(partial, requireNewOutput(output));
                return new WorkspaceDiskExport(id, target, DiskUsage.allocatedBytes(target));
            } catch (IOException e) {
                throw AtomicFiles.failure("write", target, e);
            } finally {
                AtomicFiles.deleteTree(folder);
                AtomicFiles.deleteTree(scratch);
                access.store().touch(id, access.clock().instant());
            }
        }
    }

    private void export(WorkspaceRecord record, Path scratch, Path image, Progress.Listener listener) {
        Path root = scratch.resolve("root.ext4");
        EnvironmentRoot environment = access.starter().root(record.origin().environmentDigest());
        try (OfflineDisk disk = open(record, environment, access.machineFolder(record))) {
            if (disk.export(root) == Exported.WHOLE) {
                move(root, image);
                return;
            }
        }
        // The root alone. Its own kernel is the one that can write into it: a machine on top of it copies the files.
        EnvironmentRoot exported = new ExportedRoot(environment.digest(), root);
        Path machineFolder = AtomicFiles.createDirectories(scratch.resolve("machine"));
        copyInside(record, exported, machineFolder, listener);
        try (OfflineDisk disk = open(record, exported, machineFolder)) {
            disk.export(image);
        }
    }

    private void copyInside(
            WorkspaceRecord record, EnvironmentRoot root, Path machineFolder, Progress.Listener listener) {
        WorkVolumes volumes = access.volumes(record);
        LayerTree files = record.requireFiles();
        Layer copy = volumes.createHead(access.layers(record), files.nextId(), files.layer(files.head()));
        try {
            List<Layer> chain = new ArrayList<>(files.headChain());
            chain.add(copy);
            WorkspaceRecord.Origin origin = record.origin();
            GuestPlan plan = new GuestPlan(
                    record.id().value(),
                    machineFolder,
                    origin.environmentDigest(),
                    1,
                    Math.max(origin.memMib(), COPY_MEM_MIB),
                    origin.diskBytes(),
                    NetworkMode.NONE,
                    new MachineSpec.Work(access.layers(record), chain),
                    true,
                    origin.ttl(),
                    StartMode.COLD);
            try (StartedGuest guest = access.starter().start(plan, root, access.backend(record), listener)) {
                try {
                    copy(record.id(), guest.client());
                    access.starter().shutDown(guest.machine(), _ -> {});
                } finally {
                    // Before its files are deleted.
                    guest.machine().stop();
                }
            }
        } finally {
            volumes.delete(access.layers(record), copy);
        }
    }

    private static void copy(WorkspaceId id, AgentClient client) {
        OutputCapture output = new OutputCapture(HINT_BYTES, OutputListener.NONE);
        ExecOutcome outcome;
        try {
            outcome = client.exec(
                    ExecRequest.of(COPY).withDirectory("/").withTimeout(COPY_BOUND),
                    new ExecOutput(
                            bytes -> output.onOutput(OutputListener.Stream.STDOUT, bytes),
                            bytes -> output.onOutput(OutputListener.Stream.STDERR, bytes)));
        } catch (PyroException e) {
            if (e.getCause() instanceof AgentRefusal refusal
                    && refusal.reason() == AgentRefusal.Reason.NOT_EXECUTABLE) {
                throw new PyroException(
                        ErrorCode.GUEST_ERROR,
                        "workspace " + id + " cannot be exported as one disk: that takes /bin/sh, mount and cp in its "
                                + "environment; start it and use `pyro workspace export`, which takes nothing",
                        e);
            }
            throw e;
        }
        if (outcome.exitCode() != 0) {
            throw new PyroException(
                    ErrorCode.GUEST_ERROR,
                    "the files of workspace " + id + " could not be copied into the exported root (exit code "
                            + outcome.exitCode() + "): "
                            + Arguments.printable(output.takeText(OutputListener.Stream.STDERR)
                                    .strip()));
        }
    }

    /** An exported root as the start of a machine. */
    private record ExportedRoot(String digest, Path image) implements EnvironmentRoot {
        ExportedRoot {
            try {
                // Root's machines run as a user of their own.
                Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
            } catch (IOException e) {
                throw AtomicFiles.failure("open", image, e);
            }
        }

        @Override
        public Path tree(int uid) {
            throw new IllegalStateException("an exported root is an image");
        }
    }

    private <T> T withDisk(WorkspaceId id, Function<OfflineDisk, T> work) {
        try (InterProcessLock _ = access.store().lockExisting(id)) {
            WorkspaceRecord record = stopped(id);
            try (OfflineDisk disk = open(
                    record, access.starter().root(record.origin().environmentDigest()), access.machineFolder(record))) {
                return work.apply(disk);
            } finally {
                access.store().touch(id, access.clock().instant());
            }
        }
    }

    private WorkspaceRecord stopped(WorkspaceId id) {
        WorkspaceRecord record = access.recovered(access.store().get(id));
        access.requireNotRunning(record);
        access.deleteUnneeded(record);
        return record;
    }

    private OfflineDisk open(WorkspaceRecord record, EnvironmentRoot root, Path machineFolder) {
        return access.volumes(record)
                .open(new Offline(
                        Optional.of(new Offline.Root(root, machineFolder)),
                        access.layers(record),
                        record.requireFiles().headChain()));
    }

    static Path requireNewOutput(Path output) {
        Path parent = output.toAbsolutePath().getParent();
        Path name = output.getFileName();
        if (parent == null || name == null || !Files.isDirectory(parent)) {
            throw new PyroException(
                    ErrorCode.OUTPUT_UNUSABLE,
                    "cannot write " + printable(output) + ": there is no folder "
                            + printable(parent == null ? output : parent));
        }
        Path target = realFolder(parent).resolve(name).normalize();
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new PyroException(
                    ErrorCode.OUTPUT_UNUSABLE,
                    "cannot write " + printable(target)
                            + ": it already exists; choose another path, or remove it first");
        }
        return target;
    }

    /** Not lexically: behind a link, {@code ..} is somewhere else. */
    private static Path realFolder(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            throw AtomicFiles.failure("open", folder, e);
        }
    }

    private static String printable(Path path) {
        return Arguments.printable(path.toString());
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw AtomicFiles.failure("write", to, e);
        }
    }
}
