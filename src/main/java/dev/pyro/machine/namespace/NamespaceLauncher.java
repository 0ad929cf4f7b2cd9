package dev.pyro.machine.namespace;

import dev.pyro.machine.LogText;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.Work;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Problem;
import dev.pyro.model.PyroException;
import dev.pyro.os.HeldProcess;
import dev.pyro.os.Host;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Starts one machine: its folders, its processes, its record. Immutable. */
final class NamespaceLauncher {
    /** How long a machine may take until its socket is there; it takes some 10 ms on an idle host. */
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> ROOT_FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    private final NamespaceConfig config;
    private final OptionalInt runAs;

    NamespaceLauncher(NamespaceConfig config) {
        this.config = config;
        this.runAs = NamespaceBackend.machineUser();
    }

    /**
     * Starts a machine and returns when its agent listens. When this method throws, nothing of the machine is left but what was there
     * before.
     *
     * @throws StartRefusedException when bubblewrap or the agent ends before that
     * @throws PyroException for everything else
     */
    NamespaceMachine launch(MachineSpec spec) throws StartRefusedException {
        NamespacePaths paths = new NamespacePaths(spec.directory());
        requireShortSocketPath(spec, paths);
        requireNoneRuns(spec, paths);
        Work work = spec.work();
        BubblewrapCommandLine line = new BubblewrapCommandLine(
                NamespaceTools.find(config.programs()),
                config.agent().get().toAbsolutePath(),
                spec.root().tree(runAs.orElseGet(Host::effectiveUid)).toAbsolutePath(),
                paths.root(),
                paths.socketFolder(),
                Optional.ofNullable(work).map(files -> LayerFolders.of(files).path(files.head())),
                runAs,
                spec.leased(),
                ((long) spec.memMib() << 20) * NamespaceBackend.DATA_PER_MEMORY);
        boolean hadDisk = Files.exists(paths.root(), LinkOption.NOFOLLOW_LINKS);
        HeldProcess monitor = null;
        boolean started = false;
        try {
            makeFolders(paths);
            if (work != null) {
                admit(work);
            }
            monitor = hold(spec, paths, line);
            NamespaceMachine machine = start(spec, paths, line, monitor);
            started = true;
            return machine;
        } finally {
            if (!started) {
                undo(spec, paths, hadDisk, monitor);
            }
        }
    }

    private NamespaceMachine start(
            MachineSpec spec, NamespacePaths paths, BubblewrapCommandLine line, HeldProcess monitor)
            throws StartRefusedException {
        // Before it does anything, so that whoever kills this process leaves no machine that nobody knows.
        begun(spec, monitor).write(paths.record());
        monitor.release();
        awaitSocket(spec, paths, line, monitor);
        ProcessIdentity agent = Processes.childOf(monitor.identity().pid()).orElseThrow(() -> refused(paths, line));
        NamespaceRecord record = new NamespaceRecord(spec.id(), Optional.of(agent), monitor.identity());
        record.write(paths.record());
        return new NamespaceMachine(paths, record);
    }

    private static NamespaceRecord begun(MachineSpec spec, HeldProcess monitor) {
        return new NamespaceRecord(spec.id(), Optional.empty(), monitor.identity());
    }

    private static void undo(MachineSpec spec, NamespacePaths paths, boolean hadDisk, @Nullable HeldProcess monitor) {
        if (monitor != null) {
            monitor.abandon();
            // When one of them does not end, this throws, and the record still tells of it.
            Processes.end(spec.id(), Processes.of(begun(spec, monitor)));
        }
        NamespaceMachine.deleteLeftovers(paths);
        AtomicFiles.deleteTree(paths.log());
        if (!hadDisk) {
            AtomicFiles.deleteTree(paths.root());
        }
    }

    private static void requireShortSocketPath(MachineSpec spec, NamespacePaths paths) {
        int bytes = paths.socket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > NamespacePaths.MAX_SOCKET_PATH_BYTES) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED,
                    "cannot start machine " + spec.id() + ": its socket's path " + paths.socket() + " has " + bytes
                            + " bytes, and Linux allows " + NamespacePaths.MAX_SOCKET_PATH_BYTES
                            + "; set PYRO_STATE_DIR to a folder with a shorter path");
        }
    }

    private static void requireNoneRuns(MachineSpec spec, NamespacePaths paths) {
        NamespaceRecord.read(paths.record())
                .flatMap(record -> record.processes().stream()
                        .filter(ProcessIdentity::isAlive)
                        .findFirst())
                .ifPresent(process -> {
                    throw new PyroException(
                            ErrorCode.MACHINE_START_FAILED,
                            "cannot start machine " + spec.id() + ": it runs already, as process " + process.pid());
                });
    }

    private void makeFolders(NamespacePaths paths) {
        NamespaceMachine.deleteLeftovers(paths);
        AtomicFiles.createDirectories(paths.sessionLocks());
        try {
            if (runAs.isPresent()) {
                // He may pass through the machine's folder, and nobody else.
                LayerFolders.letThrough(paths.directory(), runAs.getAsInt());
            }
            makeFolder(paths.socketFolder(), OWNER_ONLY);
            makeFolder(paths.root(), OWNER_ONLY);
            makeFolder(paths.overlayWork(), OWNER_ONLY);
            // Its permissions become those of the machine's root folder.
            makeFolder(paths.overlayUpper(), ROOT_FOLDER);
        } catch (IOException e) {
            throw AtomicFiles.failure("prepare", paths.directory(), e);
        }
    }

    private void admit(Work work) {
        LayerFolders layers = LayerFolders.of(work);
        try {
            layers.admit(runAs);
        } catch (IOException e) {
            throw AtomicFiles.failure("open", layers.folder(), e);
        }
        if (!Files.isDirectory(layers.path(work.head()), LinkOption.NOFOLLOW_LINKS)) {
            throw new PyroException(
                    ErrorCode.STORAGE_UNUSABLE,
                    "the workspace's files are not in " + layers.path(work.head())
                            + "; restore that folder, or delete the workspace");
        }
    }

    private void makeFolder(Path folder, Set<PosixFilePermission> permissions) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.setPosixFilePermissions(folder, permissions);
        if (runAs.isPresent()) {
            Files.setAttribute(folder, "unix:uid", runAs.getAsInt(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(folder, "unix:gid", runAs.getAsInt(), LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static HeldProcess hold(MachineSpec spec, NamespacePaths paths, BubblewrapCommandLine line) {
        try {
            // Process 1 shows its variables to the commands; the host's may hold secrets.
            return HeldProcess.start(new HeldProcess.Program(line.tokens(), Path.of("/"), Map.of(), null, paths.log()));
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED, "cannot start machine " + spec.id() + ": " + e.getMessage(), e);
        }
    }

    private void awaitSocket(MachineSpec spec, NamespacePaths paths, BubblewrapCommandLine line, HeldProcess monitor)
            throws StartRefusedException {
        Pause pause = new Pause(START_TIMEOUT);
        while (!listens(paths.socket())) {
            if (!monitor.isAlive()) {
                throw refused(paths, line);
            }
            if (!pause.await("the start of machine " + spec.id())) {
                throw new PyroException(
                        ErrorCode.MACHINE_START_FAILED,
                        "machine " + spec.id() + " did not listen within " + START_TIMEOUT.toSeconds() + " s"
                                + LogText.after("", LogText.tail(paths.log())));
            }
        }
    }

    private static boolean listens(Path socket) {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (SocketChannel attempt = NamespaceMachine.connect(socket)) {
            return attempt.isConnected();
        } catch (IOException e) {
            // The agent binds its socket first and listens last, when its root is made.
            return false;
        }
    }

    private StartRefusedException refused(NamespacePaths paths, BubblewrapCommandLine line) {
        String log = LogText.tail(paths.log());
        List<Path> needed = new ArrayList<>(List.of(line.agent(), line.lower(), paths.root(), paths.socketFolder()));
        line.workspace().ifPresent(needed::add);
        Optional<Problem> problem =
                StartDiagnosis.explain(log, KernelSettings.read(Path.of("/proc/sys")), runAs, needed);
        return new StartRefusedException(problem.orElse(null), log);
    }
}
