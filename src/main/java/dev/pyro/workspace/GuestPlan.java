package dev.pyro.workspace;

import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a guest is to be, whoever it belongs to.
 *
 * @param id the id of its virtual machine or workspace, which becomes its host name
 * @param folder the folder of its machine, which exists
 * @param environmentDigest what its root starts from
 * @param vcpuCount virtual processors
 * @param memMib memory in MiB
 * @param workDiskBytes the size of a workspace's disk
 * @param network what it can reach
 * @param work the workspace's files, or null
 * @param leased whether it ends with this process
 * @param idleBound after which it powers off when nothing uses it
 * @param mode how it comes to life
 */
record GuestPlan(
        String id,
        Path folder,
        String environmentDigest,
        int vcpuCount,
        int memMib,
        long workDiskBytes,
        NetworkMode network,
        MachineSpec.@Nullable Work work,
        boolean leased,
        Duration idleBound,
        StartMode mode) {
    /** A virtual machine's. */
    static GuestPlan of(VmRecord record, Path folder, StartMode mode) {
        return new GuestPlan(
                record.id().value(),
                folder,
                record.environmentDigest(),
                record.vcpuCount(),
                record.memMib(),
                MachineSpec.DEFAULT_WORK_DISK_BYTES,
                record.networkMode(),
                null,
                record.owner() != null,
                record.ttl(),
                mode);
    }

    /** A workspace's. */
    static GuestPlan of(WorkspaceRecord record, Path folder, Path layers, StartMode mode) {
        WorkspaceRecord.Origin origin = record.origin();
        return new GuestPlan(
                record.id().value(),
                folder,
                origin.environmentDigest(),
                origin.vcpuCount(),
                origin.memMib(),
                origin.diskBytes(),
                origin.networkMode(),
                new MachineSpec.Work(layers, record.requireFiles().headChain()),
                false,
                origin.ttl(),
                mode);
    }
}
