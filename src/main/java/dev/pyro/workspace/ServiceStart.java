package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobProbe;
import dev.pyro.agent.JobState;
import dev.pyro.agent.ProbeResult;
import dev.pyro.agent.StartJob;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.Readiness;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.StartService;
import dev.pyro.model.WorkspaceId;
import dev.pyro.os.HostEntropy;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.ServiceLedger.Known;
import dev.pyro.workspace.ServiceRecord.Life;
import dev.pyro.workspace.ServiceRecord.Settings;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One start of a service. Either it is ready in the end, or nothing of it runs and its ports are free. For one thread.
 *
 * <p>The record comes first, then the ports, then the process; while it is waited for, the lock is not held. Whatever goes wrong is undone in the
 * opposite order; after a {@code kill -9} the record tells the next one what to undo.
 */
final class ServiceStart {
    /** How many services a workspace has, those too that have ended; the agent keeps as many. */
    static final int MAX_SERVICES = 32;

    /** A service without a probe must run for so long: one that cannot work mostly ends at once. */
    private static final Duration SETTLING = Duration.ofMillis(500);

    /** Between asking and killing one that was not ready in time. */
    private static final Duration FAILED_GRACE = Duration.ofSeconds(3);

    /** The same when nobody waits for its end any more. */
    private static final Duration ABANDONED_GRACE = Duration.ofMillis(500);

    private static final int RUN_ID_BYTES = 6;

    private final WorkspaceAccess access;
    private final ServiceLedger ledger;
    private final WorkspaceId id;
    private final String name;
    private final StartService options;
    private final JobName job;

    ServiceStart(WorkspaceAccess access, ServiceLedger ledger, WorkspaceId id, String name, StartService options) {
        this.access = access;
        this.ledger = ledger;
        this.id = id;
        this.name = name;
        this.options = options;
        this.job = JobName.service(name);
    }

    /**
     * A service that was started and is not ready yet.
     *
     * @param workspace its workspace's record
     * @param machine its machine
     * @param client a connection of its own
     * @param record what is written down of it
     * @param previous the one before it of the same name, which has ended
     */
    private record Begun(
            WorkspaceRecord workspace,
            Machine machine,
            AgentClient client,
            ServiceRecord record,
            Optional<ServiceRecord> previous) {}

    /**
     * Starts it and waits until it is ready.
     *
     * @param shown what is shown of it, without the values of secrets
     * @param request what its guest starts
     * @param mask hides secrets in the end of its log
     */
    Service run(Settings shown, StartJob request, SecretMask mask) {
        Begun begun = begin(shown, request);
        boolean settled = false;
        try (AgentClient client = begun.client()) {
            ProbeResult result =
                    MachineFailure.explain(begun.machine(), () -> client.jobs().probe(job, probe()));
            if (result.outcome() == ProbeResult.Outcome.READY) {
                Service service = Undisturbed.call(() -> ready(begun, result));
                settled = true;
                return service;
            }
            PyroException failure = Undisturbed.call(() -> failed(begun, result, mask));
            settled = true;
            throw failure;
        } finally {
            if (!settled) {
                Undisturbed.run(() -> abandon(begun));
            }
        }
    }

    private JobProbe probe() {
        Readiness readiness = options.readiness();
        JobProbe.Kind kind = switch (readiness) {
            case Readiness.None _ -> JobProbe.Kind.STILL_RUNNING;
            case Readiness.FileExists _ -> JobProbe.Kind.FILE;
            case Readiness.TcpAccepts _ -> JobProbe.Kind.TCP;
            case Readiness.HttpAnswers _ -> JobProbe.Kind.HTTP;
            case Readiness.CommandSucceeds _ -> JobProbe.Kind.COMMAND;
        };
        String target = readiness.target();
        return kind == JobProbe.Kind.STILL_RUNNING
                ? new JobProbe(kind, "", SETTLING, SETTLING)
                : new JobProbe(kind, target == null ? "" : target, options.readyInterval(), options.readyTimeout());
    }

    private Begun begin(Settings shown, StartJob request) {
        try (InterProcessLock _ = ledger.lock(id)) {
            WorkspaceRecord workspace = access.store().get(id);
            Machine machine = access.requireRunning(workspace);
            ServiceStore store = ledger.store(workspace);
            List<Known> services = ledger.settle(workspace);
            Optional<ServiceRecord> previous = store.find(name);
            requireFreeName(services);
            ServicePorts.requireFree(
                    id,
                    services,
                    options.publishedPorts().stream()
                            .map(PublishPort::hostPort)
                            .filter(port -> port != null)
                            .toList());
            AgentClient client = access.starter().connect(machine);
            Attempt attempt = new Attempt(workspace, machine, previous, record(shown, machine));
            try {
                endStrays(services, store.names(), client.jobs());
                if (previous.isEmpty()) {
                    makeRoom(services, store, client);
                }
                return attempt.start(client, request);
            } catch (RuntimeException e) {
                client.close();
                try {
                    Undisturbed.run(attempt::undo);
                } catch (PyroException undoing) {
                    e.addSuppressed(undoing);
                }
                throw e instanceof PyroException failure ? refused(failure, request) : e;
            }
        }
    }

    private ServiceRecord record(Settings shown, Machine machine) {
        return new ServiceRecord(
                name,
                HexFormat.of().formatHex(HostEntropy.draw(RUN_ID_BYTES)),
                machine.process(),
                shown,
                List.of(),
                access.clock().instant(),
                new Life.Starting(ProcessIdentity.current()));
    }

    private void requireFreeName(List<Known> services) {
        services.stream()
                .filter(service -> service.record().name().equals(name))
                .filter(service -> service.isRunning() || service.isStarting())
                .findFirst()
                .ifPresent(service -> {
                    throw nameTaken(null);
                });
    }

    private PyroException nameTaken(@Nullable Throwable cause) {
        return new PyroException(
                ErrorCode.SERVICE_NAME_TAKEN,
                "service \"" + name + "\" of workspace " + id + " runs already: stop it (`pyro workspace service stop "
                        + id + " " + name + "`), or choose another name",
                cause);
    }

    /** Ends what a start was killed for, a moment before its guest heard of it: no record knows that it runs. */
    private static void endStrays(List<Known> services, List<String> names, AgentJobs jobs) {
        Set<String> ended = services.stream()
                .map(Known::record)
                .filter(ServiceRecord::hasEnded)
                .map(ServiceRecord::name)
                .collect(Collectors.toSet());
        ServiceLedger.states(jobs).forEach((stray, state) -> {
            // A record that cannot be read may be that of one that runs.
            if (state.running() && (ended.contains(stray) || !names.contains(stray))) {
                jobs.stop(JobName.service(stray), ABANDONED_GRACE, true);
            }
        });
    }

    /** Forgets the oldest service that has ended when there are too many. */
    private void makeRoom(List<Known> services, ServiceStore store, AgentClient client) {
        if (services.size() < MAX_SERVICES) {
            return;
        }
        ServiceRecord oldest = services.stream()
                .map(Known::record)
                .filter(ServiceRecord::hasEnded)
                .findFirst()
                .orElseThrow(() -> new PyroException(
                        ErrorCode.WORKSPACE_LIMIT_REACHED,
                        "workspace " + id + " has " + MAX_SERVICES
                                + " running services, which is the limit: stop one"));
        try {
            client.jobs().stop(JobName.service(oldest.name()), Duration.ZERO, true);
        } catch (PyroException e) {
            if (!ServiceLedger.isUnknown(e)) {
                throw e;
            }
            // It is of an earlier run of the machine.
        }
        store.delete(oldest.name());
    }

    private static AgentRefusal.@Nullable Reason reason(PyroException e) {
        return e.getCause() instanceof AgentRefusal refusal ? refusal.reason() : null;
    }

    private PyroException refused(PyroException e, StartJob request) {
        return switch (reason(e)) {
            case EXISTS -> nameTaken(e);
            case LIMIT ->
                new PyroException(
                        ErrorCode.WORKSPACE_LIMIT_REACHED,
                        "workspace " + id + " has as many services as it can: stop one",
                        e);
            case null, default ->
                CommandSettings.explain(
                        GuestPaths.explain(e, options.cwd(), "a directory"),
                        request.options().user());
        };
    }

    /** The steps under the lock, and their undoing. */
    private final class Attempt {
        private final WorkspaceRecord workspace;
        private final Machine machine;
        private final Optional<ServiceRecord> previous;
        private ServiceRecord record;
        private boolean asked;

        Attempt(WorkspaceRecord workspace, Machine machine, Optional<ServiceRecord> previous, ServiceRecord record) {
            this.workspace = workspace;
            this.machine = machine;
            this.previous = previous;
            this.record = record;
        }

        Begun start(AgentClient client, StartJob request) {
            put(record);
            ServicePorts.publish(machine, options.publishedPorts(), ports -> put(record.withPorts(ports)));
            asked = true;
            JobState state;
            try {
                // Not to be cut off: the guest might run it later than whatever would undo it.
                state = Undisturbed.call(() ->
                        MachineFailure.explain(machine, () -> client.jobs().start(request)));
            } catch (PyroException e) {
                // A refusal leaves no job, and the ended one of this name as it is.
                asked = !(e.getCause() instanceof AgentRefusal);
                throw e;
            }
            put(record.withStartedAt(state.startedAt()));
            return new Begun(workspace, machine, client, record, previous);
        }

        private void put(ServiceRecord next) {
            record = next;
            ledger.store(workspace).put(next);
        }

        void undo() {
            ServiceStart.this.undo(workspace, machine, record, previous, asked);
        }
    }

    /** Removes what there is of a service as if it had never been started; the caller holds the lock. */
    private void undo(
            WorkspaceRecord workspace,
            Machine machine,
            ServiceRecord record,
            Optional<ServiceRecord> previous,
            boolean started) {
        try {
            if (started) {
                forget(machine);
            }
            ServiceLedger.release(machine, record.ports());
        } catch (PyroException e) {
            if (machine.isAlive()) {
                // The record stays, and with it the knowledge of what is left.
                throw e;
            }
        }
        ServiceStore store = ledger.store(workspace);
        previous.ifPresentOrElse(store::put, () -> store.delete(name));
    }

    private void forget(Machine machine) {
        try (AgentClient client = access.starter().connect(machine)) {
            client.jobs().stop(job, ABANDONED_GRACE, true);
        } catch (PyroException e) {
            if (!ServiceLedger.isUnknown(e)) {
                throw e;
            }
            // It had not come that far.
        }
    }

    private void abandon(Begun begun) {
        withOwnRecord(begun, (workspace, record) -> {
            undo(workspace, begun.machine(), record, begun.previous(), true);
            return record;
        });
    }

    private Service ready(Begun begun, ProbeResult result) {
        return withOwnRecord(begun, (workspace, record) -> {
                    ServiceRecord ready = record.withReady(result.at());
                    ServiceStore store = ledger.store(workspace);
                    store.put(ready);
                    store.deleteLogs(name);
                    return ready;
                })
                .map(record -> ServiceLedger.view(begun.workspace(), new Known(record, result.state())))
                .orElseThrow(this::takenAway);
    }

    private PyroException failed(Begun begun, ProbeResult result, SecretMask mask) {
        boolean late = result.outcome() == ProbeResult.Outcome.TIMED_OUT;
        JobState last = late ? begun.client().jobs().stop(job, FAILED_GRACE, false) : result.state();
        ServiceOutput output = ServiceOutput.of(begun.client().jobs(), name, mask);
        ServiceEnd reason = late
                ? ServiceEnd.READY_TIMEOUT
                : last.stopAsked() ? ServiceEnd.STOP_REQUESTED : ServiceEnd.EXITED_BEFORE_READY;
        Optional<ServiceRecord> ended = withOwnRecord(begun, (workspace, record) -> {
            ServiceLedger.release(begun.machine(), record.ports());
            ledger.store(workspace).deleteLogs(name);
            return ledger.end(workspace, record, reason, last);
        });
        return ended.isEmpty() ? takenAway() : NotReady.failure(id, begun.record(), reason, last, output);
    }

    private PyroException takenAway() {
        return new PyroException(
                ErrorCode.SERVICE_NOT_READY,
                "service \"" + name + "\" of workspace " + id
                        + " was stopped, or its workspace was stopped or reset, before it was ready");
    }

    /** Changes the record of this start. */
    private interface Change {
        ServiceRecord to(WorkspaceRecord workspace, ServiceRecord record);
    }

    /** Does something under the lock; nothing, and empty, when the record is not of this start any more, or says that it has ended. */
    private Optional<ServiceRecord> withOwnRecord(Begun begun, Change change) {
        try (InterProcessLock _ = ledger.lock(id)) {
            WorkspaceRecord workspace = access.store().get(id);
            return workspace.generation() != begun.workspace().generation()
                    ? Optional.empty()
                    : ledger.store(workspace)
                            .find(name)
                            .filter(record ->
                                    record.runId().equals(begun.record().runId()) && !record.hasEnded())
                            .map(record -> change.to(workspace, record));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.WORKSPACE_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
