package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.JobKind;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobState;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceState;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceState;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.ServiceRecord.Life;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is true of workspaces' services: the records, and for those of a machine that runs what its guest says. Safe for use by several threads and
 * processes.
 *
 * <p>Who looks, mends: a service that has ended by itself, or whose starter was killed, is written down as ended, and its ports are released. So a
 * record that does not say that it has ended is the one that names what is left of it.
 */
final class ServiceLedger {
    /** Between asking and killing the services of a workspace that is stopped. */
    private static final Duration WORKSPACE_STOP_GRACE = Duration.ofSeconds(5);

    /** For a service whose starter was killed: nobody knows it yet. */
    private static final Duration ABANDONED_GRACE = Duration.ofMillis(500);

    /** Counting must not keep a status waiting for a guest that does not answer. */
    private static final Duration COUNT_BOUND = Duration.ofSeconds(2);

    private final WorkspaceAccess access;

    ServiceLedger(WorkspaceAccess access) {
        this.access = access;
    }

    /**
     * A service as it is now.
     *
     * @param record what is written down
     * @param job what its guest says, or null when it has ended or its guest knows nothing of it
     */
    record Known(ServiceRecord record, @Nullable JobState job) {
        static Known ended(ServiceRecord record) {
            return new Known(record, null);
        }

        /** Tells whether its process runs. */
        boolean isRunning() {
            return !record.hasEnded() && job != null && job.running();
        }

        /** Tells whether somebody is just starting it. */
        boolean isStarting() {
            return record.life() instanceof Life.Starting;
        }
    }

    /** How many services there are. */
    record Counts(int all, int running) {}

    /** Waits for the lock under which services are changed. */
    InterProcessLock lock(WorkspaceId id) {
        return access.store().lockServices(id);
    }

    ServiceStore store(WorkspaceRecord workspace) {
        return new ServiceStore(access.store().servicesFolder(workspace.id(), workspace.generation()));
    }

    /** Returns what each service is, in the order in which they were started, and mends what has to be; the caller holds the lock. */
    List<Known> settle(WorkspaceRecord workspace) {
        List<ServiceRecord> records = store(workspace).all();
        Optional<Machine> machine = records.stream().allMatch(ServiceRecord::hasEnded)
                ? Optional.empty()
                : access.running(workspace)
                        .filter(running ->
                                records.stream().anyMatch(record -> !record.hasEnded() && belongsTo(record, running)));
        if (machine.isPresent()) {
            try {
                return settle(workspace, records, machine.get());
            } catch (PyroException e) {
                if (e.code() != ErrorCode.MACHINE_DIED || machine.get().isAlive()) {
                    throw e;
                }
                // It ended just now: nobody can say more than that.
            }
        }
        return records.stream()
                .map(record -> record.hasEnded() ? record : end(workspace, record, ServiceEnd.MACHINE_ENDED, null))
                .map(Known::ended)
                .toList();
    }

    private List<Known> settle(WorkspaceRecord workspace, List<ServiceRecord> records, Machine machine) {
        try (AgentClient client = access.starter().connect(machine)) {
            return MachineFailure.explain(machine, () -> {
                AgentJobs jobs = client.jobs();
                Map<String, JobState> states = states(jobs);
                return records.stream()
                        .map(record -> belongsTo(record, machine)
                                ? settled(workspace, record, machine, jobs, states.get(record.name()))
                                : Known.ended(end(workspace, record, ServiceEnd.MACHINE_ENDED, null)))
                        .toList();
            });
        }
    }

    private Known settled(
            WorkspaceRecord workspace, ServiceRecord record, Machine machine, AgentJobs jobs, @Nullable JobState job) {
        boolean abandoned = record.life() instanceof Life.Starting(var starter) && !starter.isAlive();
        boolean ready = record.life() instanceof Life.Ready;
        if (abandoned) {
            JobState last = job == null || !job.running()
                    ? job
                    : jobs.stop(JobName.service(record.name()), ABANDONED_GRACE, false);
            release(machine, record.ports());
            return Known.ended(end(workspace, record, ServiceEnd.START_ABANDONED, last));
        }
        if (ready && (job == null || !job.running())) {
            release(machine, record.ports());
            return Known.ended(end(workspace, record, reason(job), job));
        }
        return new Known(record, record.hasEnded() ? null : job);
    }

    private static ServiceEnd reason(@Nullable JobState job) {
        if (job == null) {
            return ServiceEnd.MACHINE_ENDED;
        }
        return job.stopAsked() ? ServiceEnd.STOP_REQUESTED : ServiceEnd.EXITED;
    }

    /** Writes down that nothing of a service is left; one that says so already stays as it is. The caller holds the lock. */
    ServiceRecord end(WorkspaceRecord workspace, ServiceRecord record, ServiceEnd reason, @Nullable JobState last) {
        if (record.hasEnded()) {
            return record;
        }
        ServiceRecord ended = record.withEnd(
                reason, last == null ? null : last.endedAt(), last == null || last.running() ? null : last.exitCode());
        store(workspace).put(ended);
        return ended;
    }

    /** Frees ports of the host that a machine has published. */
    static void release(Machine machine, List<PublishedPort> ports) {
        ports.forEach(port -> machine.unpublish(port.hostPort()));
    }

    /** Tells whether the agent knows nothing of a job. */
    static boolean isUnknown(PyroException e) {
        return e.getCause() instanceof AgentRefusal refusal && refusal.reason() == AgentRefusal.Reason.NOT_FOUND;
    }

    static boolean belongsTo(ServiceRecord record, Machine machine) {
        return record.machine().equals(machine.process());
    }

    static Map<String, JobState> states(AgentJobs jobs) {
        return jobs.list(JobKind.SERVICE).stream()
                .collect(Collectors.toMap(job -> job.job().name(), job -> job.state(), (first, _) -> first));
    }

    /** Returns how many services there are and run; changes nothing, and needs no lock. */
    Counts counts(WorkspaceRecord workspace, WorkspaceState state) {
        List<ServiceRecord> records = store(workspace).all();
        Optional<Machine> machine = state == WorkspaceState.STARTED ? access.running(workspace) : Optional.empty();
        List<String> candidates = machine.stream()
                .flatMap(running -> records.stream().filter(record -> belongsTo(record, running)))
                .filter(record -> switch (record.life()) {
                    case Life.Starting(var starter) -> starter.isAlive();
                    case Life.Ready _ -> true;
                    case Life.Ended _ -> false;
                })
                .map(ServiceRecord::name)
                .toList();
        return new Counts(records.size(), candidates.isEmpty() ? 0 : running(candidates, machine.get()));
    }

    private int running(List<String> candidates, Machine machine) {
        try (AgentClient client = access.starter().connect(machine, COUNT_BOUND)) {
            Map<String, JobState> states = states(client.jobs());
            return (int) candidates.stream()
                    .map(states::get)
                    .filter(job -> job != null && job.running())
                    .count();
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // As far as anybody knows.
            return candidates.size();
        }
    }

    /**
     * Ends the services of a machine that is about to be shut down, in good order, and keeps what they wrote; the caller holds the lock. Whatever goes
     * wrong here keeps no machine from its end: who looks at the services next writes down that it has ended.
     */
    void endAll(WorkspaceRecord workspace, Machine machine, Optional<AgentClient> agent) {
        try {
            List<ServiceRecord> records = store(workspace).all().stream()
                    .filter(record -> belongsTo(record, machine))
                    .toList();
            Map<String, JobState> states = agent.filter(_ -> !records.isEmpty())
                    .map(client -> endJobs(workspace, records, client.jobs()))
                    .orElse(Map.of());
            for (ServiceRecord record : records) {
                JobState job = states.get(record.name());
                boolean before =
                        job != null && !job.running() && !job.stopAsked() && record.life() instanceof Life.Ready;
                end(workspace, record, before ? ServiceEnd.EXITED : ServiceEnd.WORKSPACE_STOPPED, job);
            }
        } catch (PyroException e) {
            return;
        }
    }

    private Map<String, JobState> endJobs(WorkspaceRecord workspace, List<ServiceRecord> records, AgentJobs jobs) {
        Map<String, JobState> states = new HashMap<>();
        try {
            jobs.stopAll(JobKind.SERVICE, WORKSPACE_STOP_GRACE, false);
            states.putAll(states(jobs));
            SecretMask mask = access.secrets(workspace).mask();
            for (ServiceRecord record : records) {
                // The guest may know nothing of one whose start was given up.
                if (states.containsKey(record.name())) {
                    ServiceOutput.of(jobs, record.name(), mask).keep(store(workspace), record.name());
                }
            }
        } catch (PyroException e) {
            // Whatever it was, the machine goes now: what is known by now has to do.
            return states;
        }
        return states;
    }

    /** Returns a service as callers see it. */
    static Service view(WorkspaceRecord workspace, Known known) {
        ServiceRecord record = known.record();
        JobState job = known.job();
        Life life = record.life();
        boolean runs = known.isRunning();
        return new Service(
                workspace.id(),
                record.name(),
                switch (life) {
                    case Life.Ended ended -> ended.state();
                    // Its starter is about to say so.
                    case Life.Starting _ when !runs -> ServiceState.FAILED;
                    case Life.Starting _, Life.Ready _ -> ServiceState.RUNNING;
                },
                record.settings().command(),
                record.settings().cwd(),
                record.settings().probe(),
                record.startedAt(),
                record.readyAt(),
                life instanceof Life.Ended ended ? ended.endedAt() : job == null ? null : job.endedAt(),
                life instanceof Life.Ended ended
                        ? ended.exitCode()
                        : job == null || runs ? null : Integer.valueOf(job.exitCode()),
                job != null && runs ? job.pid() : null,
                life instanceof Life.Ended ended ? ended.reason() : runs ? null : ServiceEnd.EXITED_BEFORE_READY,
                record.ports(),
                workspace.origin().executionMode());
    }
}
