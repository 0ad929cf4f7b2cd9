package dev.pyro.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A command that a workspace keeps running.
 *
 * @param workspaceId its workspace
 * @param name its name, unique in its workspace
 * @param state where it is in its life, now
 * @param command the shell command line, without the values of secrets
 * @param cwd where it runs
 * @param probe how it was found out that it is ready
 * @param startedAt when it was started
 * @param readyAt when it was ready, or null when it never was
 * @param endedAt when it ended, or null when it runs or nobody knows
 * @param exitCode its exit code, or null when it runs or nobody knows
 * @param pid the number of its process in the machine, or null when it does not run
 * @param stopReason why it does not run any more, or null while it runs
 * @param publishedPorts what of it can be reached from the host now
 * @param executionMode how commands are run in its workspace
 */
public record Service(
        WorkspaceId workspaceId,
        String name,
        ServiceState state,
        String command,
        String cwd,
        Probe probe,
        Instant startedAt,
        @Nullable Instant readyAt,
        @Nullable Instant endedAt,
        @Nullable Integer exitCode,
        @Nullable Long pid,
        @Nullable ServiceEnd stopReason,
        List<PublishedPort> publishedPorts,
        ExecutionMode executionMode) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public Service {
        publishedPorts = List.copyOf(publishedPorts);
    }

    /**
     * How it was found out that a service is ready.
     *
     * @param type the type of its {@link Readiness}
     * @param target what is looked at, without the values of secrets, or null when nothing is
     * @param timeout how long it may take
     * @param interval how often to look
     */
    public record Probe(String type, @Nullable String target, Duration timeout, Duration interval) {}

    /** Tells whether it runs. */
    public boolean isRunning() {
        return state == ServiceState.RUNNING;
    }

    /** Tells whether a text can be the name of a service. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /**
     * Checks the name of a service.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}
     */
    public static String requireName(String name) {
        if (!isName(name)) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "service_name must be a letter or digit and up to 63 letters, digits, \".\", \"_\" or \"-\", not \""
                            + Arguments.printable(name) + "\"");
        }
        return name;
    }
}
