package dev.pyro.workspace;

import dev.pyro.model.PublishedPort;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceState;
import dev.pyro.os.ProcessIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a service, {@code NAME.json}; {@code docs/state-format.md} describes it. Immutable.
 *
 * <p>It is written before anything of the service exists, and says that it has ended only when nothing of it is left: whatever process is
 * killed when, the record names what has to be removed.
 *
 * @param name its name
 * @param runId drawn with each start, so that one who comes back knows whether it is still his
 * @param machine the process that was the machine when it was started: another one has nothing of it
 * @param settings what never changes
 * @param ports the host's ports that it may hold
 * @param startedAt when it was started
 * @param life how far it is
 */
record ServiceRecord(
        String name,
        String runId,
        ProcessIdentity machine,
        Settings settings,
        List<PublishedPort> ports,
        Instant startedAt,
        Life life) {
    /**
     * What is settled when a service is started.
     *
     * @param command the shell command line, without the values of secrets
     * @param cwd where it runs
     * @param probe how to find out that it is ready
     */
    record Settings(String command, String cwd, Service.Probe probe) {}

    /** How far it is. */
    sealed interface Life {
        /** It is being started by this process; when that is dead, the start was abandoned. */
        record Starting(ProcessIdentity starter) implements Life {}

        /** It was ready; its guest knows whether it still runs. */
        record Ready(Instant at) implements Life {
            public Ready {
                at = at.truncatedTo(ChronoUnit.MILLIS);
            }
        }

        /**
         * Nothing of it runs.
         *
         * @param state {@code EXITED}, {@code STOPPED} or {@code FAILED}
         * @param reason why
         * @param readyAt when it was ready, or null when it never was
         * @param endedAt when it ended, or null when nobody knows
         * @param exitCode its exit code, or null when nobody knows
         */
        record Ended(
                ServiceState state,
                ServiceEnd reason,
                @Nullable Instant readyAt,
                @Nullable Instant endedAt,
                @Nullable Integer exitCode)
                implements Life {}
    }

    ServiceRecord {
        ports = List.copyOf(ports);
        startedAt = startedAt.truncatedTo(ChronoUnit.MILLIS);
    }

    /** Records hold no more: what is returned at once and what is read later are the same. */
    private static @Nullable Instant millis(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS);
    }

    boolean hasEnded() {
        return life instanceof Life.Ended;
    }

    @Nullable
    Instant readyAt() {
        return switch (life) {
            case Life.Starting _ -> null;
            case Life.Ready(Instant at) -> at;
            case Life.Ended ended -> ended.readyAt();
        };
    }

    ServiceRecord withPorts(List<PublishedPort> newPorts) {
        return new ServiceRecord(name, runId, machine, settings, newPorts, startedAt, life);
    }

    ServiceRecord withStartedAt(Instant at) {
        return new ServiceRecord(name, runId, machine, settings, ports, at, life);
    }

    ServiceRecord withReady(Instant at) {
        return new ServiceRecord(name, runId, machine, settings, ports, startedAt, new Life.Ready(at));
    }

    /** It has ended, and its ports are free. */
    ServiceRecord withEnd(ServiceEnd reason, @Nullable Instant at, @Nullable Integer exitCode) {
        ServiceState state = switch (reason) {
            case STOP_REQUESTED, WORKSPACE_STOPPED -> ServiceState.STOPPED;
            case EXITED_BEFORE_READY, READY_TIMEOUT, START_ABANDONED -> ServiceState.FAILED;
            case EXITED -> ServiceState.EXITED;
            case MACHINE_ENDED -> life instanceof Life.Starting ? ServiceState.FAILED : ServiceState.EXITED;
        };
        return new ServiceRecord(
                name,
                runId,
                machine,
                settings,
                List.of(),
                startedAt,
                new Life.Ended(state, reason, readyAt(), millis(at), exitCode));
    }
}
