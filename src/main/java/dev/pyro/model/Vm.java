package dev.pyro.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine.
 *
 * @param vmId its id
 * @param environment the environment's name
 * @param state where it is in its life
 * @param vcpuCount virtual processors
 * @param memMib memory in MiB
 * @param ttl how long it lives after its last use
 * @param createdAt when it was created
 * @param expiresAt when it will be deleted unless it is used before
 * @param networkEnabled whether it may reach the outside
 * @param executionMode how commands are run in it; null until it was first started
 * @param metadata the caller's own notes
 */
public record Vm(
        VmId vmId,
        String environment,
        VmState state,
        int vcpuCount,
        int memMib,
        Duration ttl,
        Instant createdAt,
        Instant expiresAt,
        boolean networkEnabled,
        @Nullable ExecutionMode executionMode,
        Map<String, String> metadata) {
    public Vm {
        metadata = Map.copyOf(metadata);
    }
}
