package dev.pyro.machine.namespace;

import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostTool;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Machines made of Linux namespaces: bubblewrap, and the same guest agent as process 1.
 *
 * <p>The commands share the host's kernel. They see the environment's root, which is theirs to write through an overlay; their own
 * processes; and no network but their own loopback. They are root among themselves and an ordinary user towards the kernel: the
 * one who runs Pyro or, when that is root, {@link #MACHINE_UID}.
 *
 * <p>What these machines are not given, because only a virtual machine or control groups could: the number of processors and the
 * size of the disk are not bounded at all; the memory is bounded for each process, at {@link #DATA_PER_MEMORY} times the machine's, and not
 * for the machine. A machine always starts anew; there are no templates.
 */
public final class NamespaceBackend implements MachineBackend {
    /**
     * The user and the group that a machine runs as when root starts it, so that root inside is never root outside. The tree of the
     * environment has to belong to it then. The number is in the range that neither Debian nor systemd gives to anybody (60706 to
     * 61183), and low enough for a container that maps 65,536 users.
     */
    public static final int MACHINE_UID = 60_814;

    /**
     * How much private writable memory one process may have, as a multiple of the machine's. Above 1, because programs reserve
     * much that they never touch, such as the stacks of threads.
     */
    public static final int DATA_PER_MEMORY = 4;

    private final NamespaceConfig config;
    private final NamespaceProbe probe;
    private final NamespaceVolumes volumes;

    public NamespaceBackend(NamespaceConfig config) {
        this.config = config;
        this.probe = new NamespaceProbe(config);
        this.volumes = new NamespaceVolumes(machineUser(), config.programs());
    }

    /** Returns the user that machines run as, or empty for this one. */
    static OptionalInt machineUser() {
        return Host.isRoot() ? OptionalInt.of(MACHINE_UID) : OptionalInt.empty();
    }

    @Override
    public String name() {
        return "namespace";
    }

    @Override
    public ExecutionMode executionMode() {
        return ExecutionMode.HOST_COMPAT;
    }

    @Override
    public Set<HostTool> tools(NetworkMode network) {
        return EnumSet.of(HostTool.BWRAP, HostTool.SETSID, HostTool.CHOOM, HostTool.PRLIMIT, HostTool.SETPRIV);
    }

    @Override
    public Probe probe() {
        return probe.run();
    }

    @Override
    public Machine start(MachineSpec spec, Progress.Listener listener) {
        if (spec.network() != NetworkMode.NONE) {
            throw new PyroException(
                    ErrorCode.NETWORK_UNAVAILABLE,
                    "machine " + spec.id() + " cannot have a network: the namespace back end has none; run it without "
                            + "--network, or where a virtual machine can be had");
        }
        try {
            return new NamespaceLauncher(config).launch(spec);
        } catch (StartRefusedException e) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED, "machine " + spec.id() + " did not start: " + e.explanation(), e);
        }
    }

    @Override
    public WorkVolumes volumes() {
        return volumes;
    }

    @Override
    public void prune(boolean all, Predicate<Path> mayDelete) {
        // It keeps nothing but the results of its probe.
    }

    @Override
    public Optional<Machine> adopt(Path directory) {
        NamespacePaths paths = new NamespacePaths(directory.toAbsolutePath());
        return NamespaceRecord.read(paths.record())
                .map(record -> (Machine) new NamespaceMachine(paths, record))
                .filter(Machine::isAlive);
    }
}
