package dev.pyro.machine.qemu;

import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The one place that knows the layout of a machine's folder.
 *
 * <p>{@code run/} holds the sockets. It belongs to the machine's user while QEMU makes them, and to Pyro's from then on, so that
 * no process of the machine can put something else in their place.
 */
record MachineFolder(Path directory) {
    private static final int OWNER_ONLY = 0700;

    /** Entering, but not listing, for the machine's user. */
    private static final int PASS_THROUGH = 0711;

    Path record() {
        return directory.resolve("machine.json");
    }

    Path rootDisk() {
        return directory.resolve("root.qcow2");
    }

    /** The root disk, seen from {@link #sockets()}. */
    String rootDiskFromSockets() {
        return "../root.qcow2";
    }

    Path sockets() {
        return directory.resolve("run");
    }

    Path socket(String name) {
        return sockets().resolve(name);
    }

    Path portLock(int port) {
        return directory.resolve("ports").resolve(port + ".lock");
    }

    Path qemuLog() {
        return directory.resolve("qemu.log");
    }

    Path publisherLog() {
        return directory.resolve("ports.log");
    }

    Path networkLog() {
        return directory.resolve("passt.log");
    }

    /** Makes an empty folder for the sockets, which belongs to the machine's user. */
    void createSockets(Confinement confinement) {
        AtomicFiles.deleteTree(sockets());
        try {
            if (confinement.identity().isPresent()) {
                Files.setAttribute(directory, "unix:mode", PASS_THROUGH);
            }
            Files.createDirectory(
                    sockets(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            own(sockets(), confinement, OWNER_ONLY);
        } catch (IOException e) {
            throw AtomicFiles.failure("create", sockets(), e);
        }
    }

    /** Takes the folder of sockets away from the machine's user. */
    void sealSockets(Confinement confinement) {
        if (confinement.identity().isPresent()) {
            try {
                Files.setAttribute(sockets(), "unix:uid", 0);
                Files.setAttribute(sockets(), "unix:gid", 0);
            } catch (IOException e) {
                throw AtomicFiles.failure("change the owner of", sockets(), e);
            }
        }
    }

    /** Removes everything but the root disk. */
    void removeTraces() {
        AtomicFiles.deleteTree(sockets());
        AtomicFiles.deleteTree(directory.resolve("ports"));
        AtomicFiles.deleteTree(record());
        AtomicFiles.deleteTree(qemuLog());
        AtomicFiles.deleteTree(networkLog());
        AtomicFiles.deleteTree(publisherLog());
    }

    /** Gives a file to the machine's user. */
    static void own(Path file, Confinement confinement, int mode) throws IOException {
        if (confinement.identity().isPresent()) {
            Files.setAttribute(file, "unix:uid", confinement.identity().get());
            Files.setAttribute(file, "unix:gid", confinement.identity().get());
        }
        Files.setAttribute(file, "unix:mode", mode);
    }
}
