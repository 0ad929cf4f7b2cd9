package dev.pyro.workspace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.VmId;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The records of virtual machines: the one class that knows their layout on disk.
 *
 * <p>Each machine has a folder {@code vms/ID} with {@code vm.json} and {@code machine/}, the back end's own, and a lock file {@code
 * locks/ID.lock} that whoever changes the machine holds. Safe for use by several threads and processes.
 */
final class VmStore {
    private static final Duration LOCK_BOUND = Duration.ofSeconds(60);
    private static final String RECORD = "vm.json";
    private static final String LOCK_SUFFIX = ".lock";

    private final PyroPaths paths;

    VmStore(PyroPaths paths) {
        this.paths = paths;
    }

    /** Returns the ids of all machines; one may be gone by the time that the caller looks. */
    List<VmId> ids() {
        List<VmId> ids = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(paths.vms(), "vm-*")) {
            for (Path folder : folders) {
                VmId.find(String.valueOf(folder.getFileName())).ifPresent(ids::add);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("list", paths.vms(), e);
        }
        return ids;
    }

    /** Returns a machine's record, or empty when there is none. */
    Optional<VmRecord> find(VmId id) {
        Path file = folder(id).resolve(RECORD);
        try {
            return Optional.of(VmRecord.read(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Returns a machine's record. */
    VmRecord get(VmId id) {
        return find(id).orElseThrow(() -> notFound(id));
    }

    /** Writes a machine's record; its folder is made when it is missing. */
    void put(VmRecord record) {
        Path file = folder(record.id()).resolve(RECORD);
        // A machine that ends with its maker need not survive a power failure.
        AtomicFiles.write(file, record.toJson(), record.owner() == null ? Durability.POWER : Durability.PROCESS);
    }

    /**
     * Deletes whatever there is of a machine. The caller holds its lock and has ended it. The lock's file goes too: whoever waits for
     * it finds no machine, and no other machine ever gets this id.
     */
    void delete(VmId id) {
        AtomicFiles.deleteTree(folder(id));
        AtomicFiles.deleteTree(lockFile(id));
    }

    /** Returns the folder that belongs to the back end, and creates it. */
    Path createMachineFolder(VmId id) {
        return AtomicFiles.createDirectories(machineFolder(id));
    }

    /** Returns the folder that belongs to the back end. */
    Path machineFolder(VmId id) {
        return folder(id).resolve("machine");
    }

    /**
     * Waits for the lock of a machine that exists.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND} when there is none, before or after the wait
     */
    InterProcessLock lockExisting(VmId id) {
        if (!Files.exists(folder(id))) {
            throw notFound(id);
        }
        InterProcessLock lock = lock(id);
        if (!Files.exists(folder(id))) {
            // It was deleted meanwhile, and its lock file with it; ids are never given twice, so this file is nobody's.
            AtomicFiles.deleteTree(lockFile(id));
            lock.close();
            throw notFound(id);
        }
        return lock;
    }

    /** Waits for the lock of a machine that is being made. */
    InterProcessLock lock(VmId id) {
        return InterProcessLock.acquire(lockFile(id), "virtual machine " + id, LOCK_BOUND, () -> {});
    }

    /** Takes a machine's lock if nobody has it. */
    Optional<InterProcessLock> tryLock(VmId id) {
        return InterProcessLock.tryAcquire(lockFile(id));
    }

    /** Waits for the lock under which machines are counted and added. */
    InterProcessLock lockAll() {
        return InterProcessLock.acquire(
                paths.stateLocks().resolve("vms" + LOCK_SUFFIX), "the list of virtual machines", LOCK_BOUND, () -> {});
    }

    static PyroException notFound(VmId id) {
        return new PyroException(
                ErrorCode.VM_NOT_FOUND, "no virtual machine " + id + ": it was deleted, or its time to live was over");
    }

    private Path folder(VmId id) {
        return paths.vms().resolve(id.value());
    }

    private Path lockFile(VmId id) {
        return paths.stateLocks().resolve(id.value() + LOCK_SUFFIX);
    }
}
