package dev.pyro;

import dev.pyro.agent.AgentClient;
import dev.pyro.environment.DockerfileBuild;
import dev.pyro.environment.EnvironmentPusher;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.namespace.NamespaceBackend;
import dev.pyro.machine.namespace.NamespaceConfig;
import dev.pyro.machine.qemu.GuestImage;
import dev.pyro.machine.qemu.QemuBackend;
import dev.pyro.machine.qemu.QemuConfig;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostTools;
import dev.pyro.runtime.RuntimeBundle;
import dev.pyro.runtime.RuntimeBundles;
import dev.pyro.sdk.Pyro;
import dev.pyro.store.PyroPaths;
import dev.pyro.workspace.BackendSelector;
import dev.pyro.workspace.Doctor;
import dev.pyro.workspace.Environments;
import dev.pyro.workspace.OneShotRuns;
import dev.pyro.workspace.VirtualMachines;
import dev.pyro.workspace.WorkspaceChanges;
import dev.pyro.workspace.WorkspaceCommands;
import dev.pyro.workspace.WorkspaceContext;
import dev.pyro.workspace.WorkspaceDisks;
import dev.pyro.workspace.WorkspaceFileAccess;
import dev.pyro.workspace.WorkspaceServices;
import dev.pyro.workspace.WorkspaceShells;
import dev.pyro.workspace.WorkspaceStates;
import dev.pyro.workspace.Workspaces;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The composition root: makes a {@link Pyro} for this host. The only class that names concrete back ends.
 *
 * <pre>{@code
 * Pyro pyro = LocalPyro.open();
 * VmRun run = pyro.runInVm("debian:12", "git --version", RunInVm.defaults());
 * }</pre>
 */
public final class LocalPyro {
    /** How many virtual machines run at a time unless {@code PYRO_MAX_ACTIVE_VMS} says otherwise. */
    public static final int DEFAULT_MAX_ACTIVE_VMS = 4;

    private static final String MAX_ACTIVE_VMS = "PYRO_MAX_ACTIVE_VMS";
    private static final int LARGEST_MAX_ACTIVE_VMS = 1024;
    private static final String WORKSPACE_DISK_MIB = "PYRO_WORKSPACE_DISK_MIB";

    /** How long a guest may take to boot; under emulation on a busy host that is many seconds. */
    private static final Duration GUEST_READY_BOUND = Duration.ofMinutes(2);

    private LocalPyro() {}

    /** Returns a facade that takes its settings from this process's environment variables; the README lists them. */
    public static Pyro open() {
        return open(System.getenv());
    }

    /**
     * Returns a facade that takes its settings from the given variables.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when one has a value that it cannot have
     */
    public static Pyro open(Map<String, String> environment) {
        PyroPaths paths = PyroPaths.of(environment);
        HostTools tools = new HostTools(environment);
        RuntimeBundles bundles = new RuntimeBundles(paths, tools, environment);
        EnvironmentStore environments = EnvironmentStore.local(paths, tools, environment);
        List<MachineBackend> backends = List.of(
                new QemuBackend(new QemuConfig(
                        paths, listener -> guestImage(bundles.ensure(listener)), environment, LocalPyro::awaitAgent)),
                new NamespaceBackend(NamespaceConfig.of(bundles::agent, paths.probes(), paths.stateScratch())));
        WorkspaceContext context = WorkspaceContext.of(
                paths,
                environments,
                new BackendSelector(backends, tools, environment),
                environment,
                number(environment, MAX_ACTIVE_VMS, DEFAULT_MAX_ACTIVE_VMS, 1, LARGEST_MAX_ACTIVE_VMS),
                number(
                        environment,
                        WORKSPACE_DISK_MIB,
                        CreateWorkspace.DEFAULT_DISK_MIB,
                        Arguments.MIN_DISK_MIB,
                        Arguments.MAX_DISK_MIB));
        OneShotRuns runs = new OneShotRuns(context);
        return new Pyro(
                new Environments(
                        context,
                        bundles,
                        EnvironmentPusher.local(paths, environments, environment),
                        DockerfileBuild.local(environments, tools)),
                runs,
                new VirtualMachines(context),
                new Doctor(paths, tools, context, runs),
                new Pyro.WorkspaceParts(
                        new Workspaces(context),
                        new WorkspaceCommands(context),
                        new WorkspaceFileAccess(context),
                        new WorkspaceChanges(context),
                        new WorkspaceStates(context),
                        new WorkspaceDisks(context),
                        new WorkspaceShells(context),
                        new WorkspaceServices(context)));
    }

    private static GuestImage guestImage(RuntimeBundle bundle) {
        return new GuestImage(bundle.digest(), bundle.kernel(), bundle.initramfs(), bundle.agent());
    }

    /** A handshake is all that a guest may see before its memory becomes a template. */
    private static void awaitAgent(Machine machine) {
        AgentClient.connect(machine.id(), machine::openChannel, GUEST_READY_BOUND)
                .close();
    }

    private static int number(Map<String, String> environment, String name, int otherwise, int smallest, int largest) {
        String value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= smallest && number <= largest) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The message below says it all.
        }
        throw new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                name + " must be a number from " + smallest + " to " + largest + ", not \"" + Arguments.printable(value)
                        + "\"");
    }
}
