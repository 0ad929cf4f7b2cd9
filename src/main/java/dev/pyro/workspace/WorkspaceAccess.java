package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.model.WorkspaceSecret;
import dev.pyro.model.WorkspaceState;
import dev.pyro.os.InterruptAtShutdown;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.GuestStarter.StartedGuest;
import dev.pyro.workspace.WorkspaceRecord.Life;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the services for workspaces share: records, machines and agents of existing ones. Safe for use by several threads and processes.
 *
 * <p>Whether a machine runs is asked of the machine; what the record says only tells a stop from a crash.
 */
final class WorkspaceAccess {
    private final WorkspaceStore store;
    private final BackendSelector backends;
    private final GuestStarter starter;
    private final Clock clock;
    private final ServiceLedger services;

    WorkspaceAccess(WorkspaceStore store, BackendSelector backends, GuestStarter starter, Clock clock) {
        this.store = store;
        this.backends = backends;
        this.starter = starter;
        this.clock = clock;
        this.services = new ServiceLedger(this);
    }

    WorkspaceStore store() {
        return store;
    }

    Clock clock() {
        return clock;
    }

    ServiceLedger services() {
        return services;
    }

    GuestStarter starter() {
        return starter;
    }

    MachineBackend backend(WorkspaceRecord record) {
        return backends.named(record.origin().backend());
    }

    WorkVolumes volumes(WorkspaceRecord record) {
        return backend(record).volumes();
    }

    Path layers(WorkspaceRecord record) {
        return store.layersFolder(record.id());
    }

    Path machineFolder(WorkspaceRecord record) {
        return store.machineFolder(record.id(), record.generation());
    }

    CommandHistory history(WorkspaceRecord record) {
        return new CommandHistory(
                store.historyFolder(record.id(), record.generation()), store.historyLock(record.id()));
    }

    /**
     * Returns the secrets of a workspace.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND} when it was deleted meanwhile, {@link ErrorCode#RECORD_CORRUPT} when
     *     a value is gone
     */
    Secrets secrets(WorkspaceRecord record) {
        Map<String, String> values = secretValues(record);
        for (WorkspaceSecret secret : record.origin().secrets()) {
            if (!values.containsKey(secret.name())) {
                store.get(record.id());
                throw new PyroException(
                        ErrorCode.RECORD_CORRUPT,
                        "the secret " + secret.name() + " of workspace " + record.id()
                                + " is gone from its folder; export what you need and delete the workspace");
            }
        }
        return new Secrets("workspace " + record.id(), values);
    }

    private Map<String, String> secretValues(WorkspaceRecord record) {
        Map<String, String> values = new TreeMap<>();
        for (WorkspaceSecret secret : record.origin().secrets()) {
            store.findSecret(record.id(), secret.name()).ifPresent(value -> values.put(secret.name(), value));
        }
        return values;
    }

    /** Does something whose failures may tell what the guest said, and hides the workspace's secrets in them. */
    <T> T withoutSecrets(WorkspaceRecord record, Supplier<T> work) {
        // Before it: once the workspace is deleted, nobody knows what to hide.
        SecretMask mask = SecretMask.of(secretValues(record).values());
        try {
            return work.get();
        } catch (PyroException e) {
            throw mask.failure(e);
        }
    }

    /** Returns the machine that runs, whatever the record says. */
    Optional<Machine> adopt(WorkspaceRecord record) {
        return backend(record).adopt(machineFolder(record));
    }

    WorkspaceState state(WorkspaceRecord record) {
        if (running(record).isPresent()) {
            return WorkspaceState.STARTED;
        }
        boolean went = switch (record.life()) {
            case Life.Starting() -> true;
            case Life.Started(String bootId) -> bootId.equals(ProcessIdentity.currentBootId());
            case Life.Creating _, Life.Stopped _ -> false;
        };
        return went && !isBeingChanged(record.id()) ? WorkspaceState.CRASHED : WorkspaceState.STOPPED;
    }

    /** Returns the machine that runs and was configured. */
    Optional<Machine> running(WorkspaceRecord record) {
        // Adopted in any case, which ends what a killed start has left beside a machine that never came to life.
        Optional<Machine> machine = adopt(record);
        return record.life() instanceof Life.Starting ? Optional.empty() : machine;
    }

    /** While a machine is started or stopped it may be away without having crashed. */
    private boolean isBeingChanged(WorkspaceId id) {
        Optional<InterProcessLock> lock = store.tryLock(id);
        lock.ifPresent(InterProcessLock::close);
        return lock.isEmpty();
    }

    /** Returns a workspace as callers see it. */
    Workspace view(WorkspaceRecord record, WorkspaceState state) {
        WorkspaceRecord.Origin origin = record.origin();
        Optional<WorkspaceLogs.Entry> last = history(record).last();
        ServiceLedger.Counts counts = services.counts(record, state);
        return new Workspace(
                record.id(),
                record.title().name(),
                record.title().labels(),
                origin.environment(),
                state,
                origin.networkPolicy(),
                origin.seed(),
                origin.secrets(),
                origin.executionMode(),
                origin.vcpuCount(),
                origin.memMib(),
                origin.ttl(),
                origin.createdAt(),
                record.lastActivityAt(),
                record.lastActivityAt().plus(origin.ttl()),
                last.map(WorkspaceLogs.Entry::sequence).orElse(0L),
                record.resetCount(),
                record.lastResetAt(),
                counts.all(),
                counts.running(),
                last.map(entry -> new Workspace.LastCommand(
                                entry.command(), entry.result().exitCode()))
                        .orElse(null));
    }

    /**
     * Returns the machine of a workspace that runs.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_WRONG_STATE}, with the command that starts it
     */
    Machine requireRunning(WorkspaceRecord record) {
        return running(record).orElseThrow(() -> wrongState(record, "start"));
    }

    /**
     * Makes sure that no machine writes the disks.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_WRONG_STATE}, with the command that stops it
     */
    void requireNotRunning(WorkspaceRecord record) {
        if (adopt(record).isPresent()) {
            throw wrongState(record, "stop");
        }
    }

    private PyroException wrongState(WorkspaceRecord record, String command) {
        String state = switch (state(record)) {
            case STARTED -> "is running";
            case STOPPED -> "is stopped";
            case CRASHED -> "has crashed: its machine ended by itself";
        };
        return new PyroException(
                ErrorCode.WORKSPACE_WRONG_STATE,
                "workspace " + record.id() + " " + state + "; `pyro workspace " + command + " " + record.id() + "` "
                        + command + "s it");
    }

    /** Talks with the agent of a workspace that runs, which counts as use before and after. */
    <T> T withAgent(WorkspaceRecord record, Function<AgentClient, T> conversation) {
        return withoutSecrets(record, () -> talk(record, conversation));
    }

    private <T> T talk(WorkspaceRecord record, Function<AgentClient, T> conversation) {
        Machine machine = requireRunning(record);
        store.touch(record.id(), clock.instant());
        try (AgentClient client = starter.connect(machine)) {
            return MachineFailure.explain(machine, () -> conversation.apply(client));
        } catch (PyroException e) {
            throw explain(record, e);
        } finally {
            store.touch(record.id(), clock.instant());
        }
    }

    /** Says so when a conversation ended because somebody took the workspace away; the caller does not hold its lock. */
    PyroException explain(WorkspaceRecord record, PyroException e) {
        if (e.code() != ErrorCode.MACHINE_DIED) {
            return e;
        }
        // Whoever took it away may not be done yet.
        store.awaitUnlocked(record.id());
        Optional<WorkspaceRecord> now = store.find(record.id());
        if (now.isEmpty()) {
            return new PyroException(
                    ErrorCode.WORKSPACE_NOT_FOUND,
                    "workspace " + record.id() + " was deleted while this was going on",
                    e);
        }
        if (now.get().generation() != record.generation()) {
            return new PyroException(
                    ErrorCode.WORKSPACE_WRONG_STATE,
                    "workspace " + record.id() + " was reset while this was going on; try again",
                    e);
        }
        return now.get().life() instanceof Life.Stopped
                ? new PyroException(
                        ErrorCode.WORKSPACE_WRONG_STATE,
                        "workspace " + record.id() + " was stopped while this was going on; `pyro workspace start "
                                + record.id() + "` starts it",
                        e)
                : e;
    }

    /**
     * A workspace whose machine was started.
     *
     * @param record what is written down of it
     * @param machine its machine
     */
    record StartedWorkspace(WorkspaceRecord record, Machine machine) {}

    /**
     * Starts the machine of a record, whose lock the caller holds, and writes down that it runs, unless the workspace is being created.
     * When this throws, it does not run, and the record is as it was; one that said already that it starts says that it is stopped. Ctrl-C
     * makes it throw.
     */
    StartedWorkspace start(WorkspaceRecord record, Progress.Listener listener) {
        try (InterruptAtShutdown _ = new InterruptAtShutdown()) {
            return startMachine(record, listener);
        }
    }

    private StartedWorkspace startMachine(WorkspaceRecord record, Progress.Listener listener) {
        // What a killed start has left.
        adopt(record).ifPresent(Machine::stop);
        if (record.freshRoot()) {
            AtomicFiles.deleteTree(machineFolder(record));
        }
        store.createHistory(record.id(), record.generation());
        Path folder = AtomicFiles.createDirectories(machineFolder(record));
        GuestPlan plan = GuestPlan.of(record, folder, layers(record), starter.freshStartMode());
        boolean creating = record.life() instanceof Life.Creating;
        boolean announced = record.life() instanceof Life.Starting;
        if (!creating && !announced) {
            store.put(record.withLife(new Life.Starting()));
        }
        boolean done = false;
        try (StartedGuest guest = withoutSecrets(record, () -> starter.start(plan, backend(record), listener))) {
            WorkspaceRecord started = record.withStarted().withActivity(clock.instant());
            if (!creating) {
                store.put(started);
            }
            done = true;
            return new StartedWorkspace(started, guest.machine());
        } finally {
            if (!done && !creating) {
                store.put(announced ? record.withLife(new Life.Stopped()) : record);
            }
        }
    }

    /**
     * Returns the record as it is after a process was killed while the head moved; the caller holds the lock. Writes it down when
     * something had to be mended.
     */
    WorkspaceRecord recovered(WorkspaceRecord record) {
        LayerTree files = record.requireFiles();
        Integer pending = files.pending();
        if (pending == null) {
            return record;
        }
        Layer head = files.layer(files.head());
        Layer actual = volumes(record).currentHead(layers(record), head, pending, adopt(record));
        WorkspaceRecord mended = record.withFiles(files.settled(actual));
        store.put(mended);
        return mended;
    }

    /** Deletes what is left of earlier generations, and layers that nothing needs; the caller holds the lock. */
    void deleteUnneeded(WorkspaceRecord record) {
        WorkVolumes volumes = volumes(record);
        LayerTree.unneeded(record.requireFiles(), volumes, layers(record))
                .forEach(layer -> volumes.delete(layers(record), layer));
        store.deleteLeftovers(record.id(), record.generation());
    }

    /** Ends whatever runs of a workspace and deletes all of it; the caller holds the lock. */
    void endAndDelete(WorkspaceId id) {
        // Whichever generation a killed process was at.
        for (Path folder : store.machineFolders(id)) {
            for (MachineBackend backend : backends.all()) {
                backend.adopt(folder).ifPresent(Machine::stop);
            }
        }
        try (InterProcessLock _ = store.lockServicesToDelete(id)) {
            store.deleteRecord(id);
            store.delete(id);
        }
    }
}
