package dev.pyro.sdk;

import dev.pyro.model.CreateVm;
import dev.pyro.model.DoctorReport;
import dev.pyro.model.Environment;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReapedVms;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Vm;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmId;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import dev.pyro.workspace.Doctor;
import dev.pyro.workspace.Environments;
import dev.pyro.workspace.OneShotRuns;
import dev.pyro.workspace.VirtualMachines;

/**
 * Everything that Pyro does, for Java programs. {@code dev.pyro.LocalPyro} makes one.
 *
 * <p>What is required stands in a method's parameters, what is optional in an immutable request record that starts from its {@code
 * defaults()}. Every method is synchronous and returns a record; expected outcomes (an exit code, a time-out) are values. Every
 * failure is a {@link PyroException} with a stable {@link ErrorCode}.
 *
 * <p>Safe for use by several threads, and several processes may share the folders that it works on: there is no daemon, every
 * call opens the records that it needs and leaves. Interrupting the calling thread ends a call early with {@link
 * ErrorCode#INTERRUPTED}.
 */
public final class Pyro {
    private final Environments environments;
    private final OneShotRuns runs;
    private final VirtualMachines vms;
    private final Doctor doctor;

    /** Puts the services together; programs call {@code LocalPyro.open()} instead. */
    public Pyro(Environments environments, OneShotRuns runs, VirtualMachines vms, Doctor doctor) {
        this.environments = environments;
        this.runs = runs;
        this.vms = vms;
        this.doctor = doctor;
    }

    /** Returns every environment that Pyro knows, installed or not. */
    public EnvironmentCatalogue listEnvironments() {
        return environments.list();
    }

    /**
     * Returns one environment.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, with the known ones
     */
    public Environment inspectEnvironment(String name) {
        return environments.inspect(name);
    }

    /**
     * Installs an environment, or brings it up to date; does nothing when it is. It takes about a minute, and needs the
     * distribution's package archive. Several callers at once install it once. A call that was killed leaves nothing half done.
     *
     * @param listener hears of the phases, the last one being {@code ready}
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#ENVIRONMENT_BUILD_FAILED}, {@link
     *     ErrorCode#HOST_TOOL_MISSING}, {@link ErrorCode#DISK_FULL}
     */
    public Environment pullEnvironment(String name, Progress.Listener listener) {
        return environments.pull(name, listener);
    }

    /**
     * Deletes what the cache no longer needs: environments that a newer one replaced, remains of processes that were killed,
     * templates that fit nothing any more. Nothing that a machine uses is touched.
     *
     * @param all whether current environments go too, unless a machine uses them
     */
    public PrunedEnvironments pruneEnvironments(boolean all) {
        return environments.prune(all);
    }

    /**
     * Finds out what this host can do, by running the real thing; it takes a few seconds.
     *
     * @param platform such as {@code linux-x86_64}, the only one that is supported
     */
    public DoctorReport doctor(String platform) {
        return doctor.examine(platform);
    }

    /**
     * Runs one command in a fresh machine and deletes the machine, whatever happens. Installs the environment when it is missing.
     * When as many machines run as are allowed, the call waits for one to end, ten minutes at most.
     *
     * @param command a line for {@code /bin/sh -lc}, which runs as root in {@code /root}
     * @param output hears the command's output as it comes
     * @param progress hears of the phases {@code create}, {@code start} and {@code execute}
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#INVALID_ARGUMENT}, {@link
     *     ErrorCode#GUEST_UNAVAILABLE}, {@link ErrorCode#NETWORK_UNAVAILABLE}, {@link ErrorCode#MACHINE_START_FAILED}, {@link
     *     ErrorCode#MACHINE_DIED}, {@link ErrorCode#GUEST_TIMEOUT}, {@link ErrorCode#VM_LIMIT_REACHED}
     */
    public VmRun runInVm(
            String environment, String command, RunInVm options, OutputListener output, Progress.Listener progress) {
        vms.reapExpired();
        return runs.run(environment, command, options, output, progress);
    }

    /** Like the longer form, hearing nothing on the way. */
    public VmRun runInVm(String environment, String command, RunInVm options) {
        return runInVm(environment, command, options, OutputListener.NONE, Progress.Listener.NONE);
    }

    /**
     * Creates a machine, which does not run yet. It outlives this process, and is deleted when its time to live is over.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#ENVIRONMENT_BUILD_FAILED}
     */
    public Vm createVm(String environment, CreateVm options) {
        vms.reapExpired();
        return vms.create(environment, options, Progress.Listener.NONE);
    }

    /**
     * Starts a machine; one that was stopped boots with the root disk that it had. Does nothing when it runs.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}, {@link ErrorCode#VM_LIMIT_REACHED}, and those of {@link #runInVm}
     */
    public Vm startVm(VmId id) {
        return vms.start(id, Progress.Listener.NONE);
    }

    /**
     * Runs a command in a started machine; several may run at once.
     *
     * @param output hears the command's output as it comes
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}, {@link ErrorCode#VM_WRONG_STATE}, {@link ErrorCode#MACHINE_DIED}
     */
    public VmRun execVm(VmId id, String command, ExecVm options, OutputListener output) {
        return vms.exec(id, command, options, output);
    }

    /** Like the longer form, hearing nothing on the way. */
    public VmRun execVm(VmId id, String command, ExecVm options) {
        return execVm(id, command, options, OutputListener.NONE);
    }

    /**
     * Stops a machine and keeps its root disk; does nothing when it is stopped.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}, {@link ErrorCode#VM_WRONG_STATE} when it was never started
     */
    public Vm stopVm(VmId id) {
        return vms.stop(id);
    }

    /**
     * Deletes a machine, running or not.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}
     */
    public VmDeleted deleteVm(VmId id) {
        return vms.delete(id);
    }

    /**
     * Returns what a machine is, and whether it runs now.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}
     */
    public Vm statusVm(VmId id) {
        return vms.status(id);
    }

    /**
     * Returns what a machine's network is.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}
     */
    public VmNetworkInfo networkInfoVm(VmId id) {
        return vms.networkInfo(id);
    }

    /** Deletes the machines whose time to live is over, and what killed processes left. */
    public ReapedVms reapExpired() {
        return vms.reapExpired();
    }
}
