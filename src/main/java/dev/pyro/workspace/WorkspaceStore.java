package dev.pyro.workspace;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceId;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import dev.pyro.workspace.WorkspaceRecord.Life;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
    private static final String LOCK_SUFFIX = ".lock";
    private static final int MAX_NEAR_MATCHES = 8;

    /** So many wrong letters are taken for a slip. */
    private static final int MAX_TYPOS = 2;

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
        AtomicFiles.createDirectories(folder(record.id()));
        AtomicFiles.write(folder(record.id()).resolve(RECORD), WorkspaceRecordJson.write(record), Durability.POWER);
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
        AtomicFiles.deleteTree(folder(id));
        AtomicFiles.deleteTree(historyLock(id));
        AtomicFiles.deleteTree(lockFile(id));
    }

    /**
     * Waits for the lock of a workspace that exists.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND} when there is none, before or after the wait
     */
    InterProcessLock lockExisting(WorkspaceId id) {
        if (!Files.exists(folder(id).resolve(RECORD))) {
            throw notFound(id);
        }
        InterProcessLock lock = lock(id);
        if (!Files.exists(folder(id).resolve(RECORD))) {
            if (!Files.exists(folder(id))) {
                // It was deleted meanwhile, and its lock file with it; ids are never given twice, so this file is
                // nobody's.
                AtomicFiles.deleteTree(lockFile(id));
            }
            lock.close();
            throw notFound(id);
        }
        return lock;
    }

    /** Waits for the lock of a workspace that is being made. */
    InterProcessLock lock(WorkspaceId id) {
        return InterProcessLock.acquire(lockFile(id), "workspace " + id, LOCK_BOUND, () -> {});
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

    /**
     * Makes sure that no other workspace has a name; the caller holds {@link #lockNames}.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NAME_TAKEN}
     */
    void requireFreeName(@Nullable String name, WorkspaceId self) {
        if (name == null) {
            return;
        }
        for (WorkspaceRecord record : all()) {
            boolean dead = record.life() instanceof Life.Creating(var creator) && !creator.isAlive();
            if (!record.id().equals(self) && !dead && name.equals(record.title().name())) {
                throw new PyroException(
                        ErrorCode.WORKSPACE_NAME_TAKEN,
                        "the name \"" + Arguments.printable(name) + "\" is that of workspace " + record.id()
                                + ": choose another one, or delete that workspace");
            }
        }
    }

    /**
     * Returns the workspace that a text stands for: an id, the beginning of exactly one, or a name.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND}, with those that could be meant
     */
    WorkspaceId resolve(String reference) {
        Optional<WorkspaceId> exact = WorkspaceId.find(reference);
        if (exact.isPresent()) {
            if (find(exact.get()).isPresent()) {
                return exact.get();
            }
            throw unknown(reference, "");
        }
        List<WorkspaceRecord> made = all().stream()
                .filter(record -> !(record.life() instanceof Life.Creating))
                .toList();
        for (WorkspaceRecord record : made) {
            if (reference.equals(record.title().name())) {
                return record.id();
            }
        }
        List<WorkspaceRecord> beginning = made.stream()
                .filter(record -> !reference.isEmpty() && record.id().value().startsWith(reference))
                .toList();
        if (beginning.size() == 1) {
            return beginning.getFirst().id();
        }
        if (beginning.size() > 1) {
            throw new PyroException(
                    ErrorCode.WORKSPACE_NOT_FOUND,
                    "\"" + Arguments.printable(reference) + "\" is the beginning of several workspaces: "
                            + names(beginning));
        }
        List<WorkspaceRecord> near = made.stream()
                .filter(record -> record.title().name() != null
                        && isNear(reference, record.title().name()))
                .toList();
        throw unknown(reference, near.isEmpty() ? "" : "; did you mean " + names(near) + "?");
    }

    private PyroException unknown(String reference, String hint) {
        List<WorkspaceRecord> near = !hint.isEmpty()
                ? List.of()
                : all().stream()
                        .filter(record -> !(record.life() instanceof Life.Creating))
                        .filter(record -> isNear(reference, record.id().value()))
                        .toList();
        return new PyroException(
                ErrorCode.WORKSPACE_NOT_FOUND,
                "no workspace \"" + Arguments.printable(reference) + "\": it was deleted, or its time to live was over"
                        + (near.isEmpty() ? hint : "; did you mean " + names(near) + "?")
                        + "; `pyro workspace list` shows them all");
    }

    private static String names(List<WorkspaceRecord> records) {
        return records.stream()
                        .limit(MAX_NEAR_MATCHES)
                        .map(record -> record.title().name() == null
                                ? record.id().value()
                                : record.id() + " ("
                                        + Arguments.printable(Objects.requireNonNull(
                                                record.title().name())) + ")")
                        .collect(Collectors.joining(", "))
                + (records.size() > MAX_NEAR_MATCHES ? ", …" : "");
    }

    /** Tells whether somebody may have meant the one by the other: one contains the other, or few letters differ. */
    private static boolean isNear(String wanted, String have) {
        if (wanted.isEmpty() || wanted.length() > 2 * Arguments.MAX_NAME_CHARS) {
            return false;
        }
        String a = wanted.toLowerCase(java.util.Locale.ROOT);
        String b = have.toLowerCase(java.util.Locale.ROOT);
        if (b.contains(a) || (b.length() > 2 && a.contains(b))) {
            return true;
        }
        return b.length() > MAX_TYPOS && typos(a, b) <= MAX_TYPOS;
    }

    /** Returns how many letters have to be put in, left out or changed to make the one of the other. */
    private static int typos(String a, String b) {
        int[] row = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[b.length()];
    }

    static PyroException notFound(WorkspaceId id) {
        return new PyroException(
                ErrorCode.WORKSPACE_NOT_FOUND,
                "no workspace " + id
                        + ": it was deleted, or its time to live was over; `pyro workspace list` shows them" + " all");
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
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder(id), MACHINE_PREFIX + "*")) {
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
        return folder(id).resolve("history-" + generation);
    }

    /** Returns the folder of the layers. */
    Path layersFolder(WorkspaceId id) {
        return folder(id).resolve("layers");
    }

    /** Returns the list of what the baseline holds. */
    Path manifest(WorkspaceId id) {
        return folder(id).resolve("baseline.manifest");
    }

    /** Returns a folder for what is made on the way. */
    Path scratch(WorkspaceId id) {
        return folder(id).resolve("scratch");
    }

    Path historyLock(WorkspaceId id) {
        return paths.stateLocks().resolve(id.value() + ".history" + LOCK_SUFFIX);
    }

    private Path lockFile(WorkspaceId id) {
        return paths.stateLocks().resolve(id.value() + LOCK_SUFFIX);
    }
}
