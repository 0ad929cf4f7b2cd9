package dev.pyro.model;

import java.time.Duration;
import java.util.Map;

/**
 * What is optional in creating a virtual machine. Immutable; start from {@link #defaults}.
 *
 * @param vcpuCount virtual processors, 1 to 32
 * @param memMib memory in MiB, 128 to 65,536
 * @param ttl how long it lives after its last use, 60 s to 30 days
 * @param network whether it may reach the outside
 * @param allowHostCompat whether Linux namespaces on the host may stand in where no guest can be had
 * @param metadata the caller's own notes, at most 64 entries
 */
public record CreateVm(
        int vcpuCount,
        int memMib,
        Duration ttl,
        boolean network,
        boolean allowHostCompat,
        Map<String, String> metadata) {
    public static final int DEFAULT_VCPU_COUNT = 1;
    public static final int DEFAULT_MEM_MIB = 1024;
    public static final Duration DEFAULT_TTL = Duration.ofMinutes(10);
    public static final int MAX_METADATA_ENTRIES = 64;

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public CreateVm {
        Arguments.vcpuCount(vcpuCount);
        Arguments.memMib(memMib);
        Arguments.ttl(ttl);
        metadata = Map.copyOf(metadata);
        if (metadata.size() > MAX_METADATA_ENTRIES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "metadata must have at most " + MAX_METADATA_ENTRIES + " entries");
        }
    }

    /** Returns one processor, 1024 MiB, ten minutes, no network, a real guest only. */
    public static CreateVm defaults() {
        return new CreateVm(DEFAULT_VCPU_COUNT, DEFAULT_MEM_MIB, DEFAULT_TTL, false, false, Map.of());
    }

    public CreateVm withVcpuCount(int count) {
        return new CreateVm(count, memMib, ttl, network, allowHostCompat, metadata);
    }

    public CreateVm withMemMib(int mib) {
        return new CreateVm(vcpuCount, mib, ttl, network, allowHostCompat, metadata);
    }

    public CreateVm withTtl(Duration duration) {
        return new CreateVm(vcpuCount, memMib, duration, network, allowHostCompat, metadata);
    }

    public CreateVm withNetwork(boolean wanted) {
        return new CreateVm(vcpuCount, memMib, ttl, wanted, allowHostCompat, metadata);
    }

    public CreateVm withAllowHostCompat(boolean allowed) {
        return new CreateVm(vcpuCount, memMib, ttl, network, allowed, metadata);
    }

    public CreateVm withMetadata(Map<String, String> notes) {
        return new CreateVm(vcpuCount, memMib, ttl, network, allowHostCompat, notes);
    }
}
