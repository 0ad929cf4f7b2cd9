package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ExecRequest;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecVm;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReapedVms;
import dev.pyro.model.Vm;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmId;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import dev.pyro.model.VmRun.Cleanup;
import dev.pyro.model.VmState;
import dev.pyro.os.InterruptAtShutdown;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Virtual machines that outlive the process that made them, until they are deleted or their time to live is over.
 *
 * <p>Safe for use by several threads and processes: whoever changes a machine holds its lock, and reads its record under it.
 */
public final class VirtualMachines {
    private static final String OPERATION = "vm";

    private final VmStore store;
    private final EnvironmentStore environments;
    private final BackendSelector backends;
    private final GuestStarter starter;
    private final VmSlots slots;
    private final Clock clock;

    public VirtualMachines(WorkspaceContext context) {
        this.store = context.vms();
        this.environments = context.environments();
        this.backends = context.backends();
        this.starter = context.starter();
        this.slots = context.slots();
        this.clock = context.clock();
    }

    /** Makes a record; nothing runs yet. The environment is installed when it is missing. */
    public Vm create(String environment, CreateVm options, Progress.Listener listener) {
        InstalledEnvironment installed = environments.ensureInstalled(environment, listener);
        VmRecord record = VmRecord.create(installed, options, clock.instant());
        try (InterProcessLock _ = store.lock(record.id())) {
            store.put(record);
        }
        return record.toVm();
    }

    /** Starts a machine; a stopped one boots with the root disk that it had. Does nothing when it runs. */
    public Vm start(VmId id, Progress.Listener listener) {
        // Ctrl-C undoes it too.
        try (InterProcessLock _ = store.lockExisting(id);
                InterruptAtShutdown _ = new InterruptAtShutdown()) {
            VmRecord record = settled(store.get(id));
            Optional<Machine> running = adopt(record);
            if (running.isPresent()) {
                return record.toVm();
            }
            MachineBackend backend = record.backend() == null
                    ? backends.select(record.allowHostCompat(), record.networkMode(), listener)
                    : backends.named(record.backend());
            StartMode mode = record.state() == VmState.CREATED ? starter.freshStartMode() : StartMode.COLD;
            VmRecord starting = record.withStarting(backend.name(), backend.executionMode());
            listener.onProgress(Progress.of(OPERATION, "start", id.value()));
            slots.reserve(() -> store.put(starting));
            try {
                // What an earlier start could not end.
                end(id);
                starter.start(GuestPlan.of(starting, store.createMachineFolder(id), mode), backend, listener)
                        .close();
                VmRecord started = starting.withState(VmState.STARTED).withActivity(clock.instant());
                store.put(started);
                return started.toVm();
            } catch (RuntimeException e) {
                giveUp(record, e);
                throw e;
            }
        }
    }

    /** When a process of it does not end, the record goes on to say that it is being started. */
    private void giveUp(VmRecord before, RuntimeException failure) {
        try {
            end(before.id());
            store.put(before);
        } catch (PyroException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Returns the record of what is: a start whose process was killed is undone, and a machine that ended by itself is stopped. The caller
     * holds the lock.
     */
    private VmRecord settled(VmRecord record) {
        VmRecord settled;
        if (record.startedFrom() != null) {
            end(record.id());
            settled = record.beforeStart();
            if (settled.state() == VmState.CREATED) {
                AtomicFiles.deleteTree(store.machineFolder(record.id()));
            }
        } else if (record.state() == VmState.STARTED && adopt(record).isEmpty()) {
            settled = record.withState(VmState.STOPPED);
        } else {
            return record;
        }
        store.put(settled);
        return settled;
    }

    /** Runs a command in a started machine. Several commands may run at once. */
    public VmRun exec(VmId id, String command, ExecVm options, OutputListener listener) {
        Arguments.command(command);
        VmRecord record = store.get(id);
        Machine machine = adopt(record).orElseThrow(() -> wrongState(record, "started", "start it first"));
        ExecutionMode mode = backends.named(String.valueOf(record.backend())).executionMode();
        ExecRequest request = CommandSettings.of(record.image(), mode).exec(command, options);
        ExecResult result;
        // From here on it has its whole time to live again, and then its open session says that it is in use.
        touch(id);
        try (AgentClient client = starter.connect(machine)) {
            result = GuestExec.run(machine, client, request, SecretMask.NONE, options.maxKeptBytes(), listener);
        }
        touch(id);
        return new VmRun(
                id,
                record.environment(),
                record.environmentVersion(),
                command,
                mode,
                result,
                new Cleanup(false, "kept_until_deleted_or_expired"));
    }

    /** Ends a machine and keeps its root disk. Does nothing when it does not run. */
    public Vm stop(VmId id) {
        try (InterProcessLock _ = store.lockExisting(id)) {
            VmRecord record = settled(store.get(id));
            if (record.state() == VmState.CREATED) {
                throw wrongState(record, "started", "it was never started");
            }
            adopt(record).ifPresent(machine -> starter.shutDown(machine, _ -> {}));
            VmRecord stopped = record.withState(VmState.STOPPED).withActivity(clock.instant());
            store.put(stopped);
            return stopped.toVm();
        }
    }

    /** Ends a machine and deletes everything of it. */
    public VmDeleted delete(VmId id) {
        try (InterProcessLock _ = store.lockExisting(id)) {
            endAndDelete(id);
            return new VmDeleted(id, true, "deleted_on_request");
        }
    }

    /** Returns what a machine is and whether it runs now. */
    public Vm status(VmId id) {
        VmRecord record = store.get(id).beforeStart();
        boolean stopped = record.state() == VmState.STARTED && adopt(record).isEmpty();
        return (stopped ? record.withState(VmState.STOPPED) : record).toVm();
    }

    /** Returns what a machine's network is. */
    public VmNetworkInfo networkInfo(VmId id) {
        VmRecord record = store.get(id);
        Optional<Machine.GuestNetwork> network = adopt(record).flatMap(Machine::network);
        return new VmNetworkInfo(
                id,
                record.network(),
                network.map(Machine.GuestNetwork::address).orElse(null),
                network.map(Machine.GuestNetwork::gateway).orElse(null),
                network.isPresent());
    }

    /** Deletes the machines that nobody can want any more: expired ones, and those whose owner is dead. */
    public ReapedVms reapExpired() {
        List<VmId> reaped = new ArrayList<>();
        Instant now = clock.instant();
        for (VmId id : store.ids()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while expired machines were deleted");
            }
            // Where somebody holds the lock, somebody works on the machine.
            store.tryLock(id).filter(lock -> reap(id, lock, now)).ifPresent(lock -> reaped.add(id));
        }
        return new ReapedVms(reaped);
    }

    private boolean reap(VmId id, InterProcessLock lock, Instant now) {
        try (lock) {
            // A folder without a record is what a killed process left before the machine was started.
            boolean abandoned =
                    store.find(id).map(record -> isAbandoned(record, now)).orElse(true);
            if (abandoned) {
                endAndDelete(id);
            }
            return abandoned;
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // A damaged or newer record is for a person to look at; the others must still be reaped.
            return false;
        }
    }

    private boolean isAbandoned(VmRecord record, Instant now) {
        return record.isAbandoned(now)
                && (record.owner() != null
                        || adopt(record).filter(Machine::isInUse).isEmpty());
    }

    private void endAndDelete(VmId id) {
        end(id);
        store.delete(id);
    }

    private void end(VmId id) {
        for (MachineBackend backend : backends.all()) {
            backend.adopt(store.machineFolder(id)).ifPresent(Machine::stop);
        }
    }

    /** Returns the machine that runs and was configured. */
    private Optional<Machine> adopt(VmRecord record) {
        return record.backend() == null || record.state() != VmState.STARTED || record.startedFrom() != null
                ? Optional.empty()
                : backends.named(record.backend()).adopt(store.machineFolder(record.id()));
    }

    /** Remembers that a machine is used now, unless it was deleted meanwhile. */
    private void touch(VmId id) {
        try (InterProcessLock _ = store.lockExisting(id)) {
            store.find(id).ifPresent(record -> store.put(record.withActivity(clock.instant())));
        } catch (PyroException e) {
            if (e.code() != ErrorCode.VM_NOT_FOUND) {
                throw e;
            }
        }
    }

    private static PyroException wrongState(VmRecord record, String needed, String next) {
        return new PyroException(
                ErrorCode.VM_WRONG_STATE, "virtual machine " + record.id() + " is not " + needed + ": " + next);
    }
}
