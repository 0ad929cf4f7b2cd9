package dev.pyro.workspace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Secret;
import dev.pyro.model.WorkspaceId;
import dev.pyro.os.HostEntropy;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import dev.pyro.workspace.WorkspaceRecord.Life;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The records of workspaces: the one class that knows their layout on disk, which {@code docs/state-format.md} describes.
 *
 * <p>Whoever changes a workspace holds its lock and reads its record under it. Safe for use by several threads and processes.
 */
final class WorkspaceStore {
    private static final Duration LOCK_BOUND = Duration.ofMinutes(2);
    private static final String RECORD = "workspace.json";
    private static final String ACTIVITY = "activity";
    private static final String MACHINE_PREFIX = "machine-";
    private static final String HISTORY_PREFIX = "history-";
    private static final String SERVICES_PREFIX = "services-";
    private static final String DOOMED_PREFIX = ".deleted-";
    private static final int SUFFIX_BYTES = 6;
    private static final String LOCK_SUFFIX = ".lock";

    /** Root's machines run as users of their own, and pass through to their disks. */
    private static final Set<PosixFilePermission> PASSABLE = PosixFilePermissions.fromString("rwx--x--x");

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    private final PyroPaths paths;

    WorkspaceStore(PyroPaths paths) {
        this.paths = paths;
    }

    /** Returns the ids of all folders; one may be gone, or hold nothing but left-overs. */
    List<WorkspaceId> ids() {
        List<WorkspaceId> ids = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(paths.workspaces(), "ws-*")) {
            for (Path folder : folders) {
                WorkspaceId.find(String.valueOf(folder.getFileName())).ifPresent(ids::add);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("list", paths.workspaces(), e);
        }
        return ids;
    }

    /** Returns every record that can be read, those of workspaces that are being made too. */
    List<WorkspaceRecord> all() {
        List<WorkspaceRecord> records = new ArrayList<>();
        for (WorkspaceId id : ids()) {
            try {
                find(id).ifPresent(records::add);
            } catch (PyroException e) {
                if (e.code() != ErrorCode.RECORD_CORRUPT && e.code() != ErrorCode.RECORD_TOO_NEW) {
                    throw e;
                }
                // One that cannot be read must not hide the others; asking for it says what is wrong.
            }
        }
        return records;
    }

    /** Returns a workspace's record, also while it is being made, or empty when there is none. */
    Optional<WorkspaceRecord> find(WorkspaceId id) {
        Path file = folder(id).resolve(RECORD);
        try {
            WorkspaceRecord record = WorkspaceRecordJson.read(file);
            if (!record.id().equals(id)) {
                throw new PyroException(
                        ErrorCode.RECORD_CORRUPT,
                        file + " is damaged (it is the record of " + record.id() + "); delete its folder");
            }
            Instant used = activity(id);
            return Optional.of(used.isAfter(record.lastActivityAt()) ? record.withActivity(used) : record);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Returns the record of a workspace that was made. */
    WorkspaceRecord get(WorkspaceId id) {
        return find(id).filter(record -> !(record.life() instanceof Life.Creating))
                .orElseThrow(() -> notFound(id));
    }

    /** Writes a record; the folder is made when it is missing. */
    void put(WorkspaceRecord record) {
        createFolder(record.id());
        AtomicFiles.write(folder(record.id()).resolve(RECORD), WorkspaceRecordJson.write(record), Durability.POWER);
    }

    /** Creates the folder of one generation's history, which is nobody else's business. */
    void createHistory(WorkspaceId id, int generation) {
        createPrivateFolder(historyFolder(id, generation));
    }

    /** Creates a folder that is nobody else's business. */
    static void createPrivateFolder(Path folder) {
        createFolder(folder, PRIVATE);
    }

    /** Writes the values of a workspace's secrets, for nobody else to read; its folder is made when it is missing. */
    void putSecrets(WorkspaceId id, List<Secret> secrets) {
        if (secrets.isEmpty()) {
            return;
        }
        createFolder(id);
        createFolder(secretsFolder(id), PRIVATE);
        for (Secret secret : secrets) {
            AtomicFiles.writePrivate(
                    secretsFolder(id).resolve(secret.name()),
                    secret.value().getBytes(StandardCharsets.UTF_8),
                    Durability.POWER);
        }
    }

    /** Returns the value of a secret, or empty when it is gone, alone or with the workspace. */
    Optional<String> findSecret(WorkspaceId id, String name) {
        Path file = secretsFolder(id).resolve(name);
        try (InputStream stream = Files.newInputStream(file)) {
            return Optional.of(new String(stream.readNBytes(Secret.MAX_BYTES), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    private Path secretsFolder(WorkspaceId id) {
        return folder(id).resolve("secrets");
    }

    private void createFolder(WorkspaceId id) {
        createFolder(paths.workspaces(), PASSABLE);
        createFolder(folder(id), PASSABLE);
    }

    private static void createFolder(Path folder, Set<PosixFilePermission> permissions) {
        if (Files.isDirectory(folder)) {
            return;
        }
        AtomicFiles.createDirectories(folder);
        try {
            Files.setPosixFilePermissions(folder, permissions);
        } catch (IOException e) {
            throw AtomicFiles.failure("close to others", folder, e);
        }
    }

    /** Remembers that a workspace is used now, without its lock; nothing happens when it is gone. */
    void touch(WorkspaceId id, Instant now) {
        Path file = folder(id).resolve(ACTIVITY);
        try {
            if (!Files.exists(file)) {
                Files.createFile(file);
            }
            Files.setLastModifiedTime(file, FileTime.from(now));
        } catch (IOException e) {
            if (Files.exists(folder(id).resolve(RECORD)) && !Files.exists(file)) {
                throw AtomicFiles.failure("write", file, e);
            }
        }
    }

    private Instant activity(WorkspaceId id) {
        try {
            return Files.getLastModifiedTime(folder(id).resolve(ACTIVITY)).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }

    /** Deletes the record, so that the workspace is gone whatever happens then; the caller holds its lock. */
    void deleteRecord(WorkspaceId id) {
        AtomicFiles.deleteTree(folder(id).resolve(RECORD));
    }

    /**
     * Deletes whatever there is of a workspace. The caller holds its lock and has ended its machine. The lock's file goes too: whoever
     * waits for it finds no workspace, and no other one ever gets this id.
     */
    void delete(WorkspaceId id) {
        Path doomed = paths.workspaces()
                .resolve(DOOMED_PREFIX + id.value() + "-" + HexFormat.of().formatHex(HostEntropy.draw(SUFFIX_BYTES)));
        try {
            // Under another name nobody makes anything in it any more.
            Files.move(folder(id), doomed);
            AtomicFiles.deleteTree(doomed);
        } catch (NoSuchFileException e) {
            // There was none.
        } catch (IOException e) {
            throw AtomicFiles.failure("delete", folder(id), e);
        }
        AtomicFiles.deleteTree(historyLock(id));
        AtomicFiles.deleteTree(servicesLock(id));
        AtomicFiles.deleteTree(lockFile(id));
    }

    /** Deletes what killed deletions have left. */
    void deleteDoomed() {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(paths.workspaces(), DOOMED_PREFIX + "*")) {
            folders.forEach(AtomicFiles::deleteTree);
        } catch (NoSuchFileException | NotDirectoryException e) {
            // There are no workspaces.
        } catch (IOException e) {
            throw AtomicFiles.failure("list", paths.workspaces(), e);
        }
    }

    /**
     * Waits for the lock of a workspace that exists.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND} when there is none, before or after the wait
     */
    InterProcessLock lockExisting(WorkspaceId id) {
        return lockExisting(id, lockFile(id), "workspace " + id);
    }

    /** Waits likewise for the lock on its services. Whoever holds it waits for no other lock of a workspace, but may try one. */
    InterProcessLock lockServices(WorkspaceId id) {
        return lockExisting(id, servicesLock(id), servicesOf(id));
    }

    /** Waits for that lock, whether there is such a workspace or not; whoever has it deletes whatever there is. */
    InterProcessLock lockServicesToDelete(WorkspaceId id) {
        return lock(servicesLock(id), servicesOf(id));
    }

    private static String servicesOf(WorkspaceId id) {
        return "the services of workspace " + id;
    }

    private InterProcessLock lockExisting(WorkspaceId id, Path file, String what) {
        if (!Files.exists(folder(id).resolve(RECORD))) {
            throw notFound(id);
        }
        InterProcessLock lock = lock(file, what);
        if (!Files.exists(folder(id).resolve(RECORD))) {
            if (!Files.exists(folder(id))) {
                // It was deleted meanwhile, and its lock file with it; ids are never given twice, so this file is
                // nobody's.
                AtomicFiles.deleteTree(file);
            }
            lock.close();
            throw notFound(id);
        }
        return lock;
    }

    /** Waits for the lock of a workspace that is being made. */
    InterProcessLock lock(WorkspaceId id) {
        return lock(lockFile(id), "workspace " + id);
    }

    private static InterProcessLock lock(Path file, String what) {
        return InterProcessLock.acquire(file, what, LOCK_BOUND, () -> {});
    }

    /** Takes a workspace's lock if nobody has it. */
    Optional<InterProcessLock> tryLock(WorkspaceId id) {
        return InterProcessLock.tryAcquire(lockFile(id));
    }

    /** Waits until nobody changes a workspace, or it is gone. */
    void awaitUnlocked(WorkspaceId id) {
        try {
            lockExisting(id).close();
        } catch (PyroException e) {
            if (e.code() != ErrorCode.WORKSPACE_NOT_FOUND && e.code() != ErrorCode.LOCK_TIMEOUT) {
                throw e;
            }
        }
    }

    /** Waits for the lock under which names are given. */
    InterProcessLock lockNames() {
        return InterProcessLock.acquire(
                paths.stateLocks().resolve("workspaces" + LOCK_SUFFIX),
                "the names of workspaces",
                LOCK_BOUND,
                () -> {});
    }

    static PyroException notFound(WorkspaceId id) {
        return new PyroException(
                ErrorCode.WORKSPACE_NOT_FOUND,
                "no workspace " + id
                        + ": it was deleted, or its time to live was over; `pyro workspace list` (over MCP:"
                        + " workspace_list) shows them all");
    }

    /** Returns a workspace's folder. */
    Path folder(WorkspaceId id) {
        return paths.workspaces().resolve(id.value());
    }

    /** Returns the folder that belongs to the back end in one generation. */
    Path machineFolder(WorkspaceId id, int generation) {
        return folder(id).resolve(MACHINE_PREFIX + generation);
    }

    /** Returns the folders of all generations' machines that are there. */
    List<Path> machineFolders(WorkspaceId id) {
        return generations(id, MACHINE_PREFIX);
    }

    private List<Path> generations(WorkspaceId id, String prefix) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder(id), prefix + "*")) {
            folders.forEach(found::add);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("list", folder(id), e);
        }
        return found;
    }

    /** Returns the folder of one generation's history. */
    Path historyFolder(WorkspaceId id, int generation) {
        return folder(id).resolve(HISTORY_PREFIX + generation);
    }

    /** Returns the folder of one generation's services. */
    Path servicesFolder(WorkspaceId id, int generation) {
        return folder(id).resolve(SERVICES_PREFIX + generation);
    }

    /** Returns the folder of the layers. */
    Path layersFolder(WorkspaceId id) {
        return folder(id).resolve("layers");
    }

    /** Returns the list of what the baseline holds. */
    Path manifest(WorkspaceId id) {
        return folder(id).resolve("baseline.manifest");
    }

    /** Creates an empty folder for what is made on the way; the caller holds the lock and deletes it. */
    Path createScratch(WorkspaceId id) {
        Path scratch = scratch(id);
        AtomicFiles.deleteTree(scratch);
        createFolder(scratch, PASSABLE);
        return scratch;
    }

    private Path scratch(WorkspaceId id) {
        return folder(id).resolve("scratch");
    }

    /** Deletes what killed processes left: scratch, and the machines, histories and services of other generations; the caller holds the lock. */
    void deleteLeftovers(WorkspaceId id, int generation) {
        AtomicFiles.deleteTree(scratch(id));
        for (String prefix : List.of(MACHINE_PREFIX, HISTORY_PREFIX, SERVICES_PREFIX)) {
            for (Path folder : generations(id, prefix)) {
                if (!String.valueOf(folder.getFileName()).equals(prefix + generation)) {
                    AtomicFiles.deleteTree(folder);
                }
            }
        }
    }

    Path historyLock(WorkspaceId id) {
        return paths.stateLocks().resolve(id.value() + ".history" + LOCK_SUFFIX);
    }

    private Path servicesLock(WorkspaceId id) {
        return paths.stateLocks().resolve(id.value() + ".services" + LOCK_SUFFIX);
    }

    private Path lockFile(WorkspaceId id) {
        return paths.stateLocks().resolve(id.value() + LOCK_SUFFIX);
    }
}
