package dev.pyro.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is to be.
 *
 * @param id its id, such as {@code vm-0123456789ab}
 * @param directory its own folder, which exists; the back end keeps the machine's disks, sockets and record in it
 * @param root the file system that its root starts from
 * @param vcpuCount virtual processors, 1 to 32
 * @param memMib memory in MiB, 128 to 65,536
 * @param rootDiskBytes the virtual size of its root disk; it is sparse
 * @param workDiskBytes the virtual size of a workspace's disk, which machines without a workspace have a placeholder of
 * @param network what it can reach
 * @param work the workspace's files, or null for a machine without any
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
        long workDiskBytes,
        NetworkMode network,
        @Nullable Work work,
        boolean leased,
        StartMode startMode) {
    /** The virtual size of a root disk unless the caller asks for another. */
    public static final long DEFAULT_ROOT_DISK_BYTES = 16L << 30;

    /** The virtual size of a workspace's disk unless the caller asks for another. */
    public static final long DEFAULT_WORK_DISK_BYTES = 16L << 30;

    /**
     * The files of a workspace; {@link WorkVolumes} made them.
     *
     * @param folder the folder of the layers
     * @param chain the layers from the one that holds everything to the head, which the machine writes
     */
    public record Work(Path folder, List<WorkVolumes.Layer> chain) {
        public Work {
            chain = List.copyOf(chain);
        }

        /** Returns the layer that the machine writes. */
        public WorkVolumes.Layer head() {
            return chain.getLast();
        }
    }

    /** What a machine's network reaches. */
    public enum NetworkMode {
        /** Nothing but its own loopback. */
        NONE,
        /** The outside through the host, but neither the host's loopback nor its own addresses; nothing reaches the machine. */
        EGRESS,
        /** The same, and the host reaches the machine through the ports that {@link Machine#publish} opens on its loopback. */
        EGRESS_PUBLISHED
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
