package dev.pyro.workspace;

import dev.pyro.agent.ExecRequest;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.machine.MachineBackend;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RunInVm;
import dev.pyro.model.VmRun;
import dev.pyro.model.VmRun.Cleanup;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.GuestStarter.StartedGuest;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * One command in a fresh machine of its own, of which nothing is left: not after a success, not after a failure, and not when this
 * process is killed. Safe for use by several threads.
 */
public final class OneShotRuns {
    private static final String OPERATION = "run";

    private final EnvironmentStore environments;
    private final BackendSelector backends;
    private final VmStore store;
    private final GuestStarter starter;
    private final VmSlots slots;
    private final Clock clock;

    public OneShotRuns(WorkspaceContext context) {
        this.environments = context.environments();
        this.backends = context.backends();
        this.store = context.vms();
        this.starter = context.starter();
        this.slots = context.slots();
        this.clock = context.clock();
    }

    /**
     * Creates a machine, runs the command in it, and deletes it.
     *
     * @param listener hears of the phases {@code create} (about the environment), {@code start} and {@code execute} (about the
     *     machine), and of what has to be installed before
     */
    public VmRun run(
            String environment, String command, RunInVm options, OutputListener output, Progress.Listener listener) {
        return run(environment, command, options, output, listener, true);
    }

    /** Runs {@code true} in a machine that takes no slot, so that it need not wait for others; returns the exit code. */
    int tryOut(String environment) {
        return run(environment, "true", RunInVm.defaults(), OutputListener.NONE, Progress.Listener.NONE, false)
                .result()
                .exitCode();
    }

    private VmRun run(
            String environment,
            String command,
            RunInVm options,
            OutputListener output,
            Progress.Listener listener,
            boolean counted) {
        Arguments.command(command);
        environments.require(environment);
        listener.onProgress(Progress.of(OPERATION, "create", environment));
        InstalledEnvironment installed = environments.ensureInstalled(environment, listener);
        VmRecord created = VmRecord.create(installed, options.machine(), clock.instant());
        MachineBackend backend = backends.select(created.allowHostCompat(), created.networkMode(), listener);
        ExecRequest request =
                CommandSettings.of(created.image(), backend.executionMode()).exec(command, options.exec());
        VmRecord record = created.withOwner(ProcessIdentity.current(), backend.name(), backend.executionMode());
        try (Ephemeral vm = new Ephemeral(record, listener, counted)) {
            listener.onProgress(Progress.of(OPERATION, "start", record.id().value()));
            ExecResult result = execute(vm, backend, request, options.exec().maxKeptBytes(), output, listener);
            return new VmRun(
                    record.id(),
                    record.environment(),
                    record.environmentVersion(),
                    command,
                    backend.executionMode(),
                    result,
                    new Cleanup(true, "run_finished"));
        }
    }

    private ExecResult execute(
            Ephemeral vm,
            MachineBackend backend,
            ExecRequest request,
            int maxKeptBytes,
            OutputListener output,
            Progress.Listener listener) {
        try {
            StartedGuest guest = starter.start(
                    GuestPlan.of(vm.record, store.createMachineFolder(vm.record.id()), starter.freshStartMode()),
                    backend,
                    listener);
            vm.started(guest);
            listener.onProgress(Progress.of(OPERATION, "execute", vm.record.id().value()));
            return GuestExec.run(guest.machine(), guest.client(), request, SecretMask.NONE, maxKeptBytes, output);
        } catch (PyroException e) {
            // Ctrl-C takes the machine away from under the conversation; that is no failure of the machine.
            throw vm.isRemoved() ? new PyroException(ErrorCode.INTERRUPTED, "the run was interrupted", e) : e;
        }
    }

    /**
     * A machine that this process owns. It is removed by {@link #close}, or by the end of the process in any orderly way, such as
     * Ctrl-C; after a {@code kill -9} the machine ends by its lease and the next Pyro process removes the rest.
     */
    private final class Ephemeral implements AutoCloseable {
        private final VmRecord record;
        private final InterProcessLock lock;
        private final Thread hook;
        private @Nullable StartedGuest guest;
        private boolean closed;

        Ephemeral(VmRecord record, Progress.Listener listener, boolean counted) {
            this.record = record;
            this.lock = store.lock(record.id());
            this.hook = new Thread(this::remove, "remove-" + record.id());
            try {
                Runtime.getRuntime().addShutdownHook(hook);
                if (counted) {
                    slots.await(
                            () -> store.put(record),
                            () -> listener.onProgress(
                                    Progress.of(OPERATION, "wait", record.id().value())));
                } else {
                    store.put(record);
                }
            } catch (IllegalStateException e) {
                remove();
                throw new PyroException(ErrorCode.INTERRUPTED, "Pyro is shutting down", e);
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        synchronized void started(StartedGuest startedGuest) {
            if (closed) {
                startedGuest.close();
                startedGuest.machine().stop();
                throw new PyroException(ErrorCode.INTERRUPTED, "Pyro is shutting down");
            }
            guest = startedGuest;
        }

        synchronized boolean isRemoved() {
            return closed;
        }

        @Override
        public void close() {
            Undisturbed.run(this::remove);
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process is ending already, and the hook finds nothing left to do.
                return;
            }
        }

        private synchronized void remove() {
            if (closed) {
                return;
            }
            closed = true;
            try (lock) {
                if (guest != null) {
                    guest.close();
                    guest.machine().stop();
                }
            } finally {
                store.delete(record.id());
            }
        }
    }
}
