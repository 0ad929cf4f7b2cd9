package dev.pyro.machine;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What a machine is to be.
 *
 * @param id its id, such as {@code vm-0123456789ab}
 * @param directory its own folder, which exists; the back end keeps the machine's disks, sockets and record in it
 * @param root the file system that its root starts from
 * @param vcpuCount virtual processors, 1 to 32
 * @param memMib memory in MiB, 128 to 65,536
 * @param rootDiskBytes the virtual size of its root disk; it is sparse
 * @param network what it can reach
 * @param leased whether the machine must end with this process, however this process ends
 * @param startMode whether a saved template may be used
 */
public record MachineSpec(
        String id,
        Path directory,
        EnvironmentRoot root,
        int vcpuCount,
        int memMib,
        long rootDiskBytes,
        NetworkMode network,
        boolean leased,
        StartMode startMode) {
    /** The virtual size of a root disk unless the caller asks for another. */
    public static final long DEFAULT_ROOT_DISK_BYTES = 16L << 30;

    /** What a machine's network reaches. */
    public enum NetworkMode {
        /** Nothing but its own loopback. */
        NONE,
        /** The outside through the host, but not the host's own loopback; nothing reaches the machine. */
        EGRESS
    }

    /** How a machine comes to life. */
    public enum StartMode {
        /** From the saved template, which is made first when there is none. */
        TEMPLATE,
        /** By booting the kernel; the only way for a machine whose root disk has been written before. */
        COLD
    }

    public MachineSpec {
        Objects.requireNonNull(id, "id");
        directory = directory.toAbsolutePath();
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(startMode, "startMode");
    }
}
