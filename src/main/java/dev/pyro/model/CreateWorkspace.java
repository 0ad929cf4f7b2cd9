package dev.pyro.model;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in creating a workspace. Immutable; start from {@link #defaults}.
 *
 * @param vcpuCount virtual processors, 1 to 32
 * @param memMib memory in MiB, 128 to 65,536
 * @param diskMib the virtual size of the disk that holds {@code /workspace}, 64 MiB to 1 TiB; it takes only what is written; null for the
 *     default of this host: {@code PYRO_WORKSPACE_DISK_MIB}, else {@link #DEFAULT_DISK_MIB}
 * @param ttl how long it lives after its last use, 60 s to 30 days; then it is deleted
 * @param networkPolicy what it can reach
 * @param allowHostCompat whether Linux namespaces on the host may stand in where no guest can be had
 * @param seedPath a directory, {@code .tar}, {@code .tar.gz} or {@code .tgz} on the host whose content {@code /workspace} starts with, or
 *     null for an empty one
 * @param name a name for people, which must be unique, or null
 * @param labels the caller's own notes, at most 64
 * @param secrets values that its commands may get as variables, and that Pyro shows nowhere, at most 64
 */
public record CreateWorkspace(
        int vcpuCount,
        int memMib,
        @Nullable Integer diskMib,
        Duration ttl,
        NetworkPolicy networkPolicy,
        boolean allowHostCompat,
        @Nullable Path seedPath,
        @Nullable String name,
        Map<String, String> labels,
        List<Secret> secrets) {
    public static final int DEFAULT_DISK_MIB = 16 * 1024;

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public CreateWorkspace {
        Arguments.vcpuCount(vcpuCount);
        Arguments.memMib(memMib);
        if (diskMib != null) {
            Arguments.diskMib(diskMib);
        }
        Arguments.ttl(ttl);
        if (name != null) {
            Arguments.workspaceName(name);
        }
        labels = Arguments.labels(labels);
        secrets = Arguments.secrets(secrets);
    }

    /** Returns one processor, 1024 MiB, the host's default disk, ten minutes, no network, a real guest only, an empty {@code /workspace}, no secrets. */
    public static CreateWorkspace defaults() {
        return new CreateWorkspace(
                CreateVm.DEFAULT_VCPU_COUNT,
                CreateVm.DEFAULT_MEM_MIB,
                null,
                CreateVm.DEFAULT_TTL,
                NetworkPolicy.OFF,
                false,
                null,
                null,
                Map.of(),
                List.of());
    }

    public CreateWorkspace withVcpuCount(int count) {
        return new CreateWorkspace(
                count, memMib, diskMib, ttl, networkPolicy, allowHostCompat, seedPath, name, labels, secrets);
    }

    public CreateWorkspace withMemMib(int mib) {
        return new CreateWorkspace(
                vcpuCount, mib, diskMib, ttl, networkPolicy, allowHostCompat, seedPath, name, labels, secrets);
    }

    public CreateWorkspace withDiskMib(int mib) {
        return new CreateWorkspace(
                vcpuCount, memMib, mib, ttl, networkPolicy, allowHostCompat, seedPath, name, labels, secrets);
    }

    public CreateWorkspace withTtl(Duration duration) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, duration, networkPolicy, allowHostCompat, seedPath, name, labels, secrets);
    }

    public CreateWorkspace withNetworkPolicy(NetworkPolicy policy) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, ttl, policy, allowHostCompat, seedPath, name, labels, secrets);
    }

    public CreateWorkspace withAllowHostCompat(boolean allowed) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, ttl, networkPolicy, allowed, seedPath, name, labels, secrets);
    }

    public CreateWorkspace withSeedPath(@Nullable Path seed) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, ttl, networkPolicy, allowHostCompat, seed, name, labels, secrets);
    }

    public CreateWorkspace withName(@Nullable String newName) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, ttl, networkPolicy, allowHostCompat, seedPath, newName, labels, secrets);
    }

    public CreateWorkspace withLabels(Map<String, String> notes) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, ttl, networkPolicy, allowHostCompat, seedPath, name, notes, secrets);
    }

    public CreateWorkspace withSecrets(List<Secret> values) {
        return new CreateWorkspace(
                vcpuCount, memMib, diskMib, ttl, networkPolicy, allowHostCompat, seedPath, name, labels, values);
    }
}
