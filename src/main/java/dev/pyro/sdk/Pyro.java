package dev.pyro.sdk;

import dev.pyro.model.BuildEnvironment;
import dev.pyro.model.CreateVm;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.DoctorReport;
import dev.pyro.model.Environment;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OpenShell;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PushedEnvironment;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.ReadShell;
import dev.pyro.model.ReapedVms;
import dev.pyro.model.RegistryOptions;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceList;
import dev.pyro.model.ServiceLogs;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellAttachment;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellList;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellSignalled;
import dev.pyro.model.Snapshot;
import dev.pyro.model.StartService;
import dev.pyro.model.UpdateWorkspace;
import dev.pyro.model.Vm;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmId;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceList;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.model.WorkspaceSnapshots;
import dev.pyro.model.WorkspaceSync;
import dev.pyro.workspace.Doctor;
import dev.pyro.workspace.Environments;
import dev.pyro.workspace.OneShotRuns;
import dev.pyro.workspace.VirtualMachines;
import dev.pyro.workspace.WorkspaceChanges;
import dev.pyro.workspace.WorkspaceCommands;
import dev.pyro.workspace.WorkspaceDisks;
import dev.pyro.workspace.WorkspaceFileAccess;
import dev.pyro.workspace.WorkspaceServices;
import dev.pyro.workspace.WorkspaceShells;
import dev.pyro.workspace.WorkspaceStates;
import dev.pyro.workspace.Workspaces;
import java.nio.file.Path;

/**
 * Everything that Pyro does, for Java programs. {@code dev.pyro.LocalPyro} makes one.
 *
 * <p>What is required stands in a method's parameters, what is optional in an immutable request record that starts from its {@code
 * defaults()}. Every method is synchronous and returns a record; expected outcomes (an exit code, a time-out) are values. Every
 * failure is a {@link PyroException} with a stable {@link ErrorCode}.
 *
 * <p>Safe for use by several threads, and several processes may share the folders that it works on: there is no daemon, every
 * call opens the records that it needs and leaves.
 *
 * <p><b>Interruption cancels.</b> A thread that waits in a method here may be interrupted: the method ends within a few seconds with {@link
 * ErrorCode#INTERRUPTED}, and the thread's interrupt flag is set. Nothing of the call is left then: no machine that it started, no
 * half workspace, no program on the host, no file under construction, no lock. A command that it ran is killed with all its descendants,
 * and is not in the history. A workspace that was there before stays usable, and what others do in it goes on. Changes to it were made
 * whole or not at all, with three exceptions: a reset that was cancelled while the fresh machine started leaves the workspace
 * reset and stopped, a stop that was cancelled after the guest had agreed goes on,
 * and so does the stop of a service. A call that is past its point of no return
 * when the interruption comes ends normally instead, with the flag set; installing packages of the host is such a point. Where it
 * is done through sudo, apt-get cannot be ended either while it downloads: the method ends, and apt-get goes on until it is done. What a listener throws
 * ends a call in the same way, and comes out of the method as it is.
 */
public final class Pyro {
    private final Environments environments;
    private final OneShotRuns runs;
    private final VirtualMachines vms;
    private final Doctor doctor;
    private final WorkspaceParts workspaces;

    /**
     * What works on workspaces.
     *
     * @param life made, listed, started, stopped, deleted
     * @param commands commands and their history
     * @param files the files of running ones
     * @param changes diffs and patches
     * @param states snapshots and resets
     * @param disks the disks of stopped ones
     * @param services commands that they keep running
     * @param shells shells of running ones
     */
    public record WorkspaceParts(
            Workspaces life,
            WorkspaceCommands commands,
            WorkspaceFileAccess files,
            WorkspaceChanges changes,
            WorkspaceStates states,
            WorkspaceDisks disks,
            WorkspaceShells shells,
            WorkspaceServices services) {}

    /** Puts the services together; programs call {@code LocalPyro.open()} instead. */
    public Pyro(
            Environments environments,
            OneShotRuns runs,
            VirtualMachines vms,
            Doctor doctor,
            WorkspaceParts workspaces) {
        this.environments = environments;
        this.runs = runs;
        this.vms = vms;
        this.doctor = doctor;
        this.workspaces = workspaces;
    }

    /** Returns Pyro's own environments, installed or not, and behind them what else is installed. */
    public EnvironmentCatalogue listEnvironments() {
        return Interruptible.call(() -> environments.list());
    }

    /**
     * Returns one environment. Of an image that is not installed no more is told than its reference; nobody is asked for it.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, with the known ones
     */
    public Environment inspectEnvironment(String name) {
        return Interruptible.call(() -> environments.inspect(name));
    }

    /**
     * Installs an environment, or brings it up to date; does nothing when it is. One of Pyro's own takes about a minute, and needs
     * the distribution's package archive. Any other name is an image: {@code [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]}, {@code
     * oci:DIR[:TAG]} or {@code docker-archive:FILE[:REFERENCE]}; what its reference stands for is asked by this method only, and recorded.
     * Several callers at once install it once. A call that was killed leaves nothing half done, and the next one goes on with what it
     * has fetched.
     *
     * @param options how registries are reached
     * @param listener hears of the phases, the last one being {@code ready}
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#ENVIRONMENT_BUILD_FAILED}, {@link
     *     ErrorCode#HOST_TOOL_MISSING}, {@link ErrorCode#DISK_FULL}; for images {@link ErrorCode#IMAGE_NOT_FOUND}, {@link
     *     ErrorCode#IMAGE_UNSUITABLE}, {@link ErrorCode#IMAGE_CORRUPT}, {@link ErrorCode#ARCHIVE_REFUSED}, {@link
     *     ErrorCode#REGISTRY_UNAVAILABLE}, {@link ErrorCode#REGISTRY_DENIED}
     */
    public Environment pullEnvironment(String name, RegistryOptions options, Progress.Listener listener) {
        return Interruptible.call(() -> environments.pull(name, options, listener));
    }

    /** Like {@link #pullEnvironment(String, RegistryOptions, Progress.Listener)}, with registries reached as this process's variables say. */
    public Environment pullEnvironment(String name, Progress.Listener listener) {
        return pullEnvironment(name, RegistryOptions.NONE, listener);
    }

    /**
     * Deletes what the cache no longer needs: environments that a newer one replaced, images and layers that nothing is made of any
     * more, remains of processes that were killed, templates that fit nothing any more. Nothing that a machine uses is touched.
     *
     * @param all whether current environments go too, unless a machine uses them
     * @param dryRun whether nothing is deleted, and only told
     */
    public PrunedEnvironments pruneEnvironments(boolean all, boolean dryRun) {
        return Interruptible.call(() -> environments.prune(all, dryRun));
    }

    /** Like {@link #pruneEnvironments(boolean, boolean)}, and deletes. */
    public PrunedEnvironments pruneEnvironments(boolean all) {
        return pruneEnvironments(all, false);
    }

    /**
     * Puts an installed environment into a registry, as an ordinary image: whoever pulls it gets the same content. What the registry has already is
     * not sent again.
     *
     * @param reference {@code HOST[:PORT]/PATH[:TAG]}; without a tag it is {@code latest}
     * @param listener hears of the phases {@code layer}, {@code upload} and {@code ready}
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT} also when it is not installed, {@link ErrorCode#INVALID_ARGUMENT}, {@link
     *     ErrorCode#REGISTRY_DENIED}, {@link ErrorCode#REGISTRY_UNAVAILABLE}, {@link ErrorCode#DISK_FULL}
     */
    public PushedEnvironment pushEnvironment(
            String name, String reference, RegistryOptions options, Progress.Listener listener) {
        return Interruptible.call(() -> environments.push(name, reference, options, listener));
    }

    /**
     * Makes an environment from a Dockerfile, with the host's {@code buildah}. The names of installed environments mean the same in it as elsewhere.
     * A call that was cancelled or killed leaves nothing, and the environment that had the name before.
     *
     * @param context the folder that the file copies from
     * @param listener hears of each step
     * @throws PyroException {@link ErrorCode#HOST_TOOL_MISSING} when there is no buildah, {@link ErrorCode#IMAGE_BUILD_FAILED} with the build's last
     *     lines, {@link ErrorCode#INVALID_ARGUMENT}, {@link ErrorCode#HOST_UNSUPPORTED}, {@link ErrorCode#DISK_FULL}, and what a pull throws
     */
    public Environment buildEnvironment(Path context, BuildEnvironment options, Progress.Listener listener) {
        return Interruptible.call(() -> environments.build(context, options, listener));
    }

    /**
     * Finds out what this host can do, by running the real thing; it takes a few seconds.
     *
     * @param platform such as {@code linux-x86_64}, the only one that is supported
     */
    public DoctorReport doctor(String platform) {
        return Interruptible.call(() -> doctor.examine(platform));
    }

    /**
     * Runs one command in a fresh machine and deletes the machine, whatever happens. Installs the environment when it is missing.
     * When as many machines run as are allowed, the call waits for one to end, ten minutes at most.
     *
     * @param command a line for {@code /bin/sh -lc}, which runs as root in {@code /root}; what an image says about its variables, directory
     *     and user holds instead, and {@code /bin/sh -c}. A guest without a shell runs a line of plain words.
     * @param output hears the command's output as it comes
     * @param progress hears of the phases {@code create}, {@code start} and {@code execute}
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#INVALID_ARGUMENT}, {@link
     *     ErrorCode#GUEST_UNAVAILABLE}, {@link ErrorCode#NETWORK_UNAVAILABLE}, {@link ErrorCode#MACHINE_START_FAILED}, {@link
     *     ErrorCode#MACHINE_DIED}, {@link ErrorCode#GUEST_TIMEOUT}, {@link ErrorCode#VM_LIMIT_REACHED}, {@link
     *     ErrorCode#GUEST_USER_UNKNOWN}, and {@link ErrorCode#HOST_UNSUPPORTED} for a user in namespaces, which have root alone
     */
    public VmRun runInVm(
            String environment, String command, RunInVm options, OutputListener output, Progress.Listener progress) {
        return Interruptible.call(() -> {
            vms.reapExpired();
            return runs.run(environment, command, options, output, progress);
        });
    }

    /** Like the longer form, hearing nothing on the way. */
    public VmRun runInVm(String environment, String command, RunInVm options) {
        return runInVm(environment, command, options, OutputListener.NONE, Progress.Listener.NONE);
    }

    /**
     * Creates a machine, which does not run yet. It outlives this process, and is deleted when its time to live is over.
     *
     * @param progress hears of the steps of installing the environment, when it is missing
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#ENVIRONMENT_BUILD_FAILED}
     */
    public Vm createVm(String environment, CreateVm options, Progress.Listener progress) {
        return Interruptible.call(() -> {
            vms.reapExpired();
            return vms.create(environment, options, progress);
        });
    }

    /** Like the longer form, hearing nothing on the way. */
    public Vm createVm(String environment, CreateVm options) {
        return createVm(environment, options, Progress.Listener.NONE);
    }

    /**
     * Starts a machine; one that was stopped boots with the root disk that it had. Does nothing when it runs.
     *
     * @param progress hears of the phase {@code start} and of what has to be made or installed before
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}, {@link ErrorCode#VM_LIMIT_REACHED}, and those of {@link #runInVm}
     */
    public Vm startVm(VmId id, Progress.Listener progress) {
        return Interruptible.call(() -> vms.start(id, progress));
    }

    /** Like the longer form, hearing nothing on the way. */
    public Vm startVm(VmId id) {
        return startVm(id, Progress.Listener.NONE);
    }

    /**
     * Runs a command in a started machine; several may run at once.
     *
     * @param output hears the command's output as it comes
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}, {@link ErrorCode#VM_WRONG_STATE}, {@link ErrorCode#MACHINE_DIED}, {@link
     *     ErrorCode#GUEST_USER_UNKNOWN}
     */
    public VmRun execVm(VmId id, String command, ExecVm options, OutputListener output) {
        return Interruptible.call(() -> vms.exec(id, command, options, output));
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
        return Interruptible.call(() -> vms.stop(id));
    }

    /**
     * Deletes a machine, running or not.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}
     */
    public VmDeleted deleteVm(VmId id) {
        return Interruptible.call(() -> vms.delete(id));
    }

    /**
     * Returns what a machine is, and whether it runs now.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}
     */
    public Vm statusVm(VmId id) {
        return Interruptible.call(() -> vms.status(id));
    }

    /**
     * Returns what a machine's network is.
     *
     * @throws PyroException {@link ErrorCode#VM_NOT_FOUND}
     */
    public VmNetworkInfo networkInfoVm(VmId id) {
        return Interruptible.call(() -> vms.networkInfo(id));
    }

    /** Deletes the machines and workspaces whose time to live is over, and what killed processes left. */
    public ReapedVms reapExpired() {
        return Interruptible.call(() -> {
            workspaces.life().reapExpired();
            return vms.reapExpired();
        });
    }

    /**
     * Creates a workspace and starts its machine; either it works when this returns, or nothing of it is left. It outlives this
     * process, and is deleted when its time to live is over.
     *
     * @param progress hears of the phases
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#SEED_UNUSABLE}, {@link
     *     ErrorCode#ARCHIVE_REFUSED}, {@link ErrorCode#WORKSPACE_NAME_TAKEN}, and those of {@link #runInVm}
     */
    public Workspace createWorkspace(String environment, CreateWorkspace options, Progress.Listener progress) {
        return Interruptible.call(() -> {
            reapExpired();
            return workspaces.life().create(environment, options, progress);
        });
    }

    /** Like the longer form, hearing nothing on the way. */
    public Workspace createWorkspace(String environment, CreateWorkspace options) {
        return createWorkspace(environment, options, Progress.Listener.NONE);
    }

    /** Returns all workspaces, newest activity first. */
    public WorkspaceList listWorkspaces() {
        return Interruptible.call(() -> {
            workspaces.life().reapExpired();
            return workspaces.life().list();
        });
    }

    /**
     * Returns the workspace that a text stands for: an id, the beginning of exactly one id, or a name. Workspaces whose time to live
     * is over are deleted first.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND}, with those that could be meant
     */
    public WorkspaceId findWorkspace(String reference) {
        return Interruptible.call(() -> {
            workspaces.life().reapExpired();
            return workspaces.life().find(reference);
        });
    }

    /**
     * Returns what a workspace is, and whether its machine runs now.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND}, as every method here that takes an id
     */
    public Workspace statusWorkspace(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.life().status(id));
    }

    /**
     * Changes a workspace's name and labels.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NAME_TAKEN}
     */
    public Workspace updateWorkspace(WorkspaceId id, UpdateWorkspace changes) {
        return Interruptible.call(() -> workspaces.life().update(id, changes));
    }

    /**
     * Starts a workspace that was stopped or whose machine has ended, with all its files; does nothing when it runs.
     *
     * @param progress hears of the phase {@code start} and of what has to be made or installed before
     */
    public Workspace startWorkspace(WorkspaceId id, Progress.Listener progress) {
        return Interruptible.call(() -> workspaces.life().start(id, progress));
    }

    /** Like the longer form, hearing nothing on the way. */
    public Workspace startWorkspace(WorkspaceId id) {
        return startWorkspace(id, Progress.Listener.NONE);
    }

    /** Stops a workspace's machine in good order and keeps all its files; does nothing when it does not run. */
    public Workspace stopWorkspace(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.life().stop(id));
    }

    /** Deletes a workspace, running or not, with its files, snapshots and history. */
    public WorkspaceDeleted deleteWorkspace(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.life().delete(id));
    }

    /**
     * Runs a command in a workspace's {@code /workspace}; several may run at once, from several processes. Neither the listener, the
     * result, the history nor a failure shows the value of a secret of the workspace: {@code ***} stands for it.
     *
     * @param command a line for {@code /bin/sh -lc}, which runs as root, or as for {@link #runInVm} where an image says so
     * @param output hears the command's output as it comes; what may be the beginning of a secret comes with what follows
     * @throws PyroException {@link ErrorCode#WORKSPACE_WRONG_STATE} when it does not run, {@link ErrorCode#SECRET_NOT_FOUND}, {@link
     *     ErrorCode#MACHINE_DIED}, {@link ErrorCode#GUEST_USER_UNKNOWN}
     */
    public WorkspaceExec execWorkspace(WorkspaceId id, String command, ExecWorkspace options, OutputListener output) {
        return Interruptible.call(() -> workspaces.commands().exec(id, command, options, output));
    }

    /** Like the longer form, hearing nothing on the way. */
    public WorkspaceExec execWorkspace(WorkspaceId id, String command, ExecWorkspace options) {
        return execWorkspace(id, command, options, OutputListener.NONE);
    }

    /** Returns the history of commands since the workspace was created or last reset. */
    public WorkspaceLogs logsWorkspace(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.commands().logs(id));
    }

    /**
     * The same with less output.
     *
     * @param maxOutputChars how much output the whole list holds at most; what does not fit is left out, beginning with the oldest
     */
    public WorkspaceLogs logsWorkspace(WorkspaceId id, long maxOutputChars) {
        return Interruptible.call(() -> workspaces.commands().logs(id, maxOutputChars));
    }

    /**
     * Puts a directory's content, or an archive's, into a running workspace: all of it or nothing.
     *
     * @param source a directory, {@code .tar}, {@code .tar.gz} or {@code .tgz}
     * @param destination a directory in {@code /workspace}, which is made when it is missing
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}, {@link ErrorCode#ARCHIVE_REFUSED}, {@link ErrorCode#PATH_OUTSIDE}, {@link
     *     ErrorCode#WORKSPACE_DISK_FULL}, {@link ErrorCode#WORKSPACE_WRONG_STATE}
     */
    public WorkspaceSync pushWorkspaceSync(
            WorkspaceId id, Path source, String destination, Progress.Listener progress) {
        return Interruptible.call(() -> workspaces.files().push(id, source, destination, progress));
    }

    /**
     * Copies a file, directory or link of a running workspace to the host. A half copy is never seen.
     *
     * @param path in {@code /workspace}
     * @param output does not exist yet; its folder does
     * @throws PyroException {@link ErrorCode#OUTPUT_UNUSABLE}, {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#PATH_OUTSIDE}
     */
    public WorkspaceExport exportWorkspace(WorkspaceId id, String path, Path output) {
        return Interruptible.call(() -> workspaces.files().export(id, path, output));
    }

    /** Returns what differs in a running workspace's files from what they were when it was created. */
    public WorkspaceDiff diffWorkspace(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.changes().diff(id));
    }

    /** Lists a directory of a running workspace. */
    public WorkspaceFiles listWorkspaceFiles(WorkspaceId id, String path, boolean recursive) {
        return Interruptible.call(() -> workspaces.files().list(id, path, recursive));
    }

    /**
     * Reads a text file of a running workspace.
     *
     * @param maxBytes 1 to 1 MiB; a longer file is cut at the last whole character
     * @throws PyroException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#FILE_UNSUITABLE}, {@link ErrorCode#PATH_OUTSIDE}
     */
    public WorkspaceFile readWorkspaceFile(WorkspaceId id, String path, int maxBytes) {
        return Interruptible.call(() -> workspaces.files().read(id, path, maxBytes));
    }

    /** Writes a text file of a running workspace, at most 1 MiB; missing directories are made. */
    public WorkspaceFileWrite writeWorkspaceFile(WorkspaceId id, String path, String text) {
        return Interruptible.call(() -> workspaces.files().write(id, path, text));
    }

    /**
     * Applies a unified patch to a running workspace: all of it or nothing.
     *
     * @param allowModeOnly whether changes of nothing but the executable bit are taken too
     * @throws PyroException {@link ErrorCode#PATCH_REFUSED}, {@link ErrorCode#PATCH_DOES_NOT_APPLY}, {@link ErrorCode#WORKSPACE_DISK_FULL}
     */
    public WorkspacePatch applyWorkspacePatch(WorkspaceId id, String patch, boolean allowModeOnly) {
        return Interruptible.call(() -> workspaces.changes().applyPatch(id, patch, allowModeOnly));
    }

    /**
     * Takes a snapshot of a workspace's files, running or not; it takes the same time for 1 MB and for 10 GB.
     *
     * @throws PyroException {@link ErrorCode#SNAPSHOT_NAME_TAKEN}, {@link ErrorCode#WORKSPACE_LIMIT_REACHED}
     */
    public WorkspaceSnapshot createSnapshot(WorkspaceId id, String name) {
        return Interruptible.call(() -> workspaces.states().snapshot(id, name));
    }

    /** Returns the snapshots of a workspace, the baseline first. */
    public WorkspaceSnapshots listSnapshots(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.states().snapshots(id));
    }

    /** Deletes a snapshot; the others stay readable. */
    public WorkspaceSnapshotDeleted deleteSnapshot(WorkspaceId id, String name) {
        return Interruptible.call(() -> workspaces.states().deleteSnapshot(id, name));
    }

    /**
     * Gives a workspace a fresh root and a snapshot's files, and an empty history; it runs afterwards. The id stays.
     *
     * @param snapshot a snapshot's name, or {@link Snapshot#BASELINE}
     * @throws PyroException {@link ErrorCode#SNAPSHOT_NOT_FOUND}
     */
    public WorkspaceReset resetWorkspace(WorkspaceId id, String snapshot, Progress.Listener progress) {
        return Interruptible.call(() -> workspaces.states().reset(id, snapshot, progress));
    }

    /**
     * Starts a command that keeps running in a workspace when this call and this process have ended, and returns when it is ready. When it is not
     * ready in time, or ends before, it is stopped, its ports are free, and the message ends with what it wrote last.
     *
     * @param name a letter or digit and up to 63 letters, digits, dots, underscores and dashes; one of a service that has ended is used again
     * @param command a line for {@code /bin/sh -lc}, which runs as root, or as for {@link #runInVm} where an image says so, and must stay in
     *     the foreground
     * @throws PyroException {@link ErrorCode#SERVICE_NOT_READY}, {@link ErrorCode#SERVICE_NAME_TAKEN}, {@link
     *     ErrorCode#PORT_UNAVAILABLE}, {@link ErrorCode#NETWORK_POLICY_FORBIDS}, {@link ErrorCode#SECRET_NOT_FOUND}, {@link
     *     ErrorCode#WORKSPACE_LIMIT_REACHED}, {@link ErrorCode#WORKSPACE_WRONG_STATE}, {@link ErrorCode#GUEST_USER_UNKNOWN}
     */
    public Service startService(WorkspaceId id, String name, String command, StartService options) {
        return Interruptible.call(() -> workspaces.services().start(id, name, command, options));
    }

    /** Returns the services of a workspace, running or not, those too that have ended; a reset forgets them all. */
    public ServiceList listServices(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.services().list(id));
    }

    /**
     * Returns what a service is now.
     *
     * @throws PyroException {@link ErrorCode#SERVICE_NOT_FOUND}, with those that there are, as every method here that takes a name
     */
    public Service statusService(WorkspaceId id, String name) {
        return Interruptible.call(() -> workspaces.services().status(id, name));
    }

    /** Returns the end of what a service wrote: at most the last 1 MiB of each stream. A workspace that was stopped still has it, one that crashed has not. */
    public ServiceLogs logsService(WorkspaceId id, String name, ReadServiceLogs options) {
        return Interruptible.call(() -> workspaces.services().logs(id, name, options));
    }

    /**
     * Passes on what a service wrote, and then what it writes, until it ends.
     *
     * @param options how much of what is there already
     * @return what the service is then
     */
    public Service followService(WorkspaceId id, String name, ReadServiceLogs options, OutputListener output) {
        return Interruptible.call(() -> workspaces.services().follow(id, name, options, output));
    }

    /**
     * Ends a service with all that it started, first asking it to (SIGTERM), after ten seconds by force; its ports are free then. Does nothing
     * when it has ended.
     */
    public Service stopService(WorkspaceId id, String name) {
        return Interruptible.call(() -> workspaces.services().stop(id, name));
    }

    /** Lists a directory on a stopped workspace's disk. */
    public WorkspaceFiles listWorkspaceDisk(WorkspaceId id, String path, boolean recursive) {
        return Interruptible.call(() -> workspaces.disks().list(id, path, recursive));
    }

    /** Reads a text file on a stopped workspace's disk. */
    public WorkspaceFile readWorkspaceDisk(WorkspaceId id, String path, int maxBytes) {
        return Interruptible.call(() -> workspaces.disks().read(id, path, maxBytes));
    }

    /** Writes a stopped workspace's machine as one raw ext4 image: the root, with {@code /workspace} in it. */
    public WorkspaceDiskExport exportWorkspaceDisk(WorkspaceId id, Path output, Progress.Listener progress) {
        return Interruptible.call(() -> workspaces.disks().export(id, output, progress));
    }

    /**
     * Opens a shell in a running workspace: a login shell, or a plain one in an environment of an image, on a terminal of its own. It outlives this process and ends with the machine, when the
     * workspace is stopped, reset or deleted.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_WRONG_STATE} when it does not run, {@link ErrorCode#FILE_NOT_FOUND} and {@link
     *     ErrorCode#FILE_UNSUITABLE} for the directory, {@link ErrorCode#SECRET_NOT_FOUND}, {@link ErrorCode#WORKSPACE_LIMIT_REACHED},
     *     {@link ErrorCode#GUEST_USER_UNKNOWN}
     */
    public Shell openShell(WorkspaceId id, OpenShell options) {
        return Interruptible.call(() -> workspaces.shells().open(id, options));
    }

    /** Returns a workspace's shells in the order in which they were opened, also those that have ended and were not closed. */
    public ShellList listShells(WorkspaceId id) {
        return Interruptible.call(() -> workspaces.shells().list(id));
    }

    /**
     * Returns the shell that a text stands for: an id, which is not looked up, or the beginning of exactly one.
     *
     * @throws PyroException {@link ErrorCode#SHELL_NOT_FOUND}, with those that there are
     */
    public ShellId findShell(WorkspaceId id, String reference) {
        return Interruptible.call(() -> workspaces.shells().find(id, reference));
    }

    /**
     * Returns what a shell wrote from a cursor on, of which about the last megabyte is kept, and may wait for more first. Reading takes nothing away:
     * several may read, each with cursors of its own.
     *
     * @throws PyroException {@link ErrorCode#SHELL_NOT_FOUND}, as every method here that takes the id of a shell; {@link
     *     ErrorCode#INVALID_ARGUMENT} when the cursor lies beyond the end
     */
    public ShellOutput readShell(WorkspaceId id, ShellId shell, ReadShell options) {
        return Interruptible.call(() -> workspaces.shells().read(id, shell, options));
    }

    /**
     * Types text into a shell, at most 1 MiB.
     *
     * @param appendNewline whether a newline follows, which makes a shell run a line
     * @throws PyroException {@link ErrorCode#SHELL_ENDED}; {@link ErrorCode#GUEST_TIMEOUT} when what runs in it does not take all of it
     */
    public ShellInput writeShell(WorkspaceId id, ShellId shell, String input, boolean appendNewline) {
        return Interruptible.call(() -> workspaces.shells().write(id, shell, input, appendNewline));
    }

    /** Gives a shell's terminal another size, 1 to {@link OpenShell#MAX_SIZE} each. */
    public Shell resizeShell(WorkspaceId id, ShellId shell, int cols, int rows) {
        return Interruptible.call(() -> workspaces.shells().resize(id, shell, cols, rows));
    }

    /**
     * Sends a signal to what runs in the foreground of a shell's terminal, and does not wait for what it does.
     *
     * @throws PyroException {@link ErrorCode#SHELL_ENDED}
     */
    public ShellSignalled signalShell(WorkspaceId id, ShellId shell, ShellSignal signal) {
        return Interruptible.call(() -> workspaces.shells().signal(id, shell, signal));
    }

    /** Ends a shell with all that runs in it; its output is gone then. */
    public ShellClosed closeShell(WorkspaceId id, ShellId shell) {
        return Interruptible.call(() -> workspaces.shells().close(id, shell));
    }

    /** Connects a person's terminal of so many columns and rows to a shell; the caller closes the connection. */
    public ShellAttachment attachShell(WorkspaceId id, ShellId shell, int cols, int rows) {
        return Interruptible.call(() -> workspaces.shells().attach(id, shell, cols, rows));
    }
}
