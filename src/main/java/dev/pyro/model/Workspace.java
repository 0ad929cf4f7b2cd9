package dev.pyro.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workspace.
 *
 * @param workspaceId its id
 * @param name its name for people, or null
 * @param labels the caller's own notes
 * @param environment the environment's name
 * @param state where it is in its life, now
 * @param networkPolicy what it can reach
 * @param seed what its files started from
 * @param secrets what its commands may get as variables, by name
 * @param executionMode how commands are run in it
 * @param vcpuCount virtual processors
 * @param memMib memory in MiB
 * @param ttl how long it lives after its last use
 * @param createdAt when it was created
 * @param lastActivityAt when it was last used
 * @param expiresAt when it will be deleted unless it is used before
 * @param commandCount how many commands its history holds
 * @param resetCount how often it was reset
 * @param lastResetAt when it was last reset, or null
 * @param serviceCount how many services it has, those too that have ended
 * @param runningServiceCount how many of them run
 * @param lastCommand the last command of its history, or null
 */
public record Workspace(
        WorkspaceId workspaceId,
        @Nullable String name,
        Map<String, String> labels,
        String environment,
        WorkspaceState state,
        NetworkPolicy networkPolicy,
        WorkspaceSeed seed,
        List<WorkspaceSecret> secrets,
        ExecutionMode executionMode,
        int vcpuCount,
        int memMib,
        Duration ttl,
        Instant createdAt,
        Instant lastActivityAt,
        Instant expiresAt,
        long commandCount,
        long resetCount,
        @Nullable Instant lastResetAt,
        int serviceCount,
        int runningServiceCount,
        @Nullable LastCommand lastCommand) {
    /** Where a workspace's files are in its machine. */
    public static final String PATH = "/workspace";

    public Workspace {
        labels = Map.copyOf(labels);
        secrets = List.copyOf(secrets);
    }

    /**
     * The last command that ended.
     *
     * @param command the shell command line
     * @param exitCode its exit code
     */
    public record LastCommand(String command, int exitCode) {}
}
