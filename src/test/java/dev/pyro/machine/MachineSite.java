package dev.pyro.machine;

import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Where the machines of a contract test live: a back end and a root file system over one folder. Another process makes the same
 * one of the class's name and the folder, so that every implementation has a public constructor that takes the folder.
 */
public abstract class MachineSite {
    private final Path base;

    protected MachineSite(Path base) {
        this.base = base;
    }

    /** Makes a folder that a machine's user may enter; its path is short, and JUnit's temporary folders are closed to others. */
    public static Path createFolder() {
        try {
            Path folder = Files.createTempDirectory("pyro-it-");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a site of a class with a folder. */
    public static MachineSite open(String className, Path base) {
        try {
            return Class.forName(className)
                    .asSubclass(MachineSite.class)
                    .getConstructor(Path.class)
                    .newInstance(base);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(className, e);
        }
    }

    /** Makes what the machines start from; called once for a folder. */
    public abstract void prepare() throws IOException;

    /** Returns the back end; its readiness is that the agent answers. */
    public abstract MachineBackend backend();

    /** Returns what the machines start from. */
    public abstract EnvironmentRoot root();

    /** Returns the folder of everything. */
    public final Path base() {
        return base;
    }

    /** Returns where the back end keeps its files. */
    public final PyroPaths paths() {
        return new PyroPaths(base.resolve("cache"), base.resolve("state"));
    }

    /** Removes the folder. */
    public final void delete() {
        AtomicFiles.deleteTree(base);
    }

    /** Describes a machine with a new folder of its own. */
    public final MachineSpec spec(String id, boolean leased, MachineSpec.StartMode mode) {
        return spec(id, leased, mode, null);
    }

    /** Describes a machine with a new folder of its own, and a workspace. */
    public final MachineSpec spec(
            String id, boolean leased, MachineSpec.StartMode mode, MachineSpec.@Nullable Work work) {
        return new MachineSpec(
                id,
                AtomicFiles.createDirectories(paths().vms().resolve(id)),
                root(),
                1,
                256,
                MachineSpec.DEFAULT_ROOT_DISK_BYTES,
                MachineSpec.DEFAULT_WORK_DISK_BYTES,
                MachineSpec.NetworkMode.NONE,
                work,
                leased,
                mode);
    }
}
