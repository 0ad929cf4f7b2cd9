package dev.pyro.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in starting a service. Immutable; start from {@link #defaults}.
 *
 * @param cwd where its command runs; a relative path begins in {@code /workspace}
 * @param readiness how to find out that it is ready
 * @param readyTimeout after which it counts as failed, 1 s to one day
 * @param readyInterval between two looks, 10 ms to one minute
 * @param secretEnv the variable of its environment for each secret that it is to have, by the secret's name
 * @param publishedPorts the ports that can be reached from the host while it runs, at most {@value PublishPort#MAX_PORTS}
 * @param user as whom it runs, {@code NAME|UID[:GROUP|GID]} of the guest, or null for the image's user, root where it has none
 */
public record StartService(
        String cwd,
        Readiness readiness,
        Duration readyTimeout,
        Duration readyInterval,
        Map<String, String> secretEnv,
        List<PublishPort> publishedPorts,
        @Nullable String user) {
    public static final Duration DEFAULT_READY_TIMEOUT = Duration.ofSeconds(30);
    public static final Duration DEFAULT_READY_INTERVAL = Duration.ofMillis(500);
    public static final Duration MIN_READY_INTERVAL = Duration.ofMillis(10);
    public static final Duration MAX_READY_INTERVAL = Duration.ofMinutes(1);

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public StartService {
        Arguments.readyTimeout(readyTimeout);
        Arguments.readyInterval(readyInterval);
        secretEnv = Arguments.secretEnv(secretEnv);
        publishedPorts = PublishPort.requireDistinct(publishedPorts);
        Arguments.user(user);
    }

    /** Returns no probe, no secrets, no ports, in {@code /workspace}. */
    public static StartService defaults() {
        return new StartService(
                Workspace.PATH,
                Readiness.NONE,
                DEFAULT_READY_TIMEOUT,
                DEFAULT_READY_INTERVAL,
                Map.of(),
                List.of(),
                null);
    }

    public StartService withCwd(String path) {
        return new StartService(path, readiness, readyTimeout, readyInterval, secretEnv, publishedPorts, user);
    }

    public StartService withReadiness(Readiness other) {
        return new StartService(cwd, other, readyTimeout, readyInterval, secretEnv, publishedPorts, user);
    }

    public StartService withReadyTimeout(Duration duration) {
        return new StartService(cwd, readiness, duration, readyInterval, secretEnv, publishedPorts, user);
    }

    public StartService withReadyInterval(Duration duration) {
        return new StartService(cwd, readiness, readyTimeout, duration, secretEnv, publishedPorts, user);
    }

    public StartService withSecretEnv(Map<String, String> variables) {
        return new StartService(cwd, readiness, readyTimeout, readyInterval, variables, publishedPorts, user);
    }

    public StartService withPublishedPorts(List<PublishPort> ports) {
        return new StartService(cwd, readiness, readyTimeout, readyInterval, secretEnv, ports, user);
    }

    /** Runs it as another user of the guest; null for the image's own. */
    public StartService withUser(@Nullable String name) {
        return new StartService(cwd, readiness, readyTimeout, readyInterval, secretEnv, publishedPorts, name);
    }
}
