package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ConfigureRequest;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.Workspace;
import dev.pyro.os.HostEntropy;
import dev.pyro.os.Undisturbed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Brings machines to life: starts them, and gives each a past of its own before it runs anything. Safe for use by several threads. */
final class GuestStarter {
    /** How long a started guest may take to answer; a cold boot under emulation takes seconds. */
    private static final Duration CONNECT_BOUND = Duration.ofSeconds(60);

    /** How long a guest may take to end its processes and write its disks. */
    private static final Duration SHUTDOWN_BOUND = Duration.ofSeconds(60);

    /** How much longer a caller waits for that when he was interrupted. */
    private static final Duration INTERRUPTED_SHUTDOWN_BOUND = Duration.ofSeconds(4);

    private static final Duration POLL_PAUSE = Duration.ofMillis(5);

    private static final String START_VARIABLE = "PYRO_START";
    private static final int MACHINE_ID_BYTES = 16;

    private final EnvironmentStore environments;
    private final Map<String, String> environment;

    GuestStarter(EnvironmentStore environments, Map<String, String> environment) {
        this.environments = environments;
        this.environment = Map.copyOf(environment);
    }

    /**
     * A machine that runs, and the session that configured it. Closing the session ends a leased machine.
     */
    record StartedGuest(Machine machine, AgentClient client) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
        }
    }

    /** Returns how a machine that never ran is started: from a template, unless {@code PYRO_START=cold} asks for a boot. */
    StartMode freshStartMode() {
        String wanted = environment.getOrDefault(START_VARIABLE, "");
        return switch (wanted.toLowerCase(Locale.ROOT)) {
            case "", "template" -> StartMode.TEMPLATE;
            case "cold" -> StartMode.COLD;
            default ->
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        START_VARIABLE + " must be \"template\" or \"cold\", not \"" + Arguments.printable(wanted)
                                + "\"");
        };
    }

    /**
     * Starts a machine and configures its guest. When this method throws, nothing of the machine runs.
     */
    StartedGuest start(GuestPlan plan, MachineBackend backend, Progress.Listener listener) {
        return start(plan, root(plan.environmentDigest()), backend, listener);
    }

    /** Starts a machine whose root starts from another file system than the environment's, and configures its guest. */
    StartedGuest start(GuestPlan plan, EnvironmentRoot root, MachineBackend backend, Progress.Listener listener) {
        MachineSpec spec = new MachineSpec(
                plan.id(),
                plan.folder(),
                root,
                plan.vcpuCount(),
                plan.memMib(),
                MachineSpec.DEFAULT_ROOT_DISK_BYTES,
                plan.workDiskBytes(),
                plan.network(),
                plan.work(),
                plan.leased(),
                plan.mode());
        Machine machine = backend.start(spec, listener);
        try {
            AgentClient client = connect(machine);
            try {
                MachineFailure.explain(machine, () -> client.configure(configuration(plan, machine)));
                return new StartedGuest(machine, client);
            } catch (RuntimeException e) {
                client.close();
                throw e;
            }
        } catch (RuntimeException e) {
            machine.stop();
            throw e;
        }
    }

    /** Opens a session with a running machine's agent. */
    AgentClient connect(Machine machine) {
        return connect(machine, CONNECT_BOUND);
    }

    /** The same, waiting no longer than a bound. */
    AgentClient connect(Machine machine, Duration bound) {
        return MachineFailure.explain(machine, () -> AgentClient.connect(machine.id(), machine::openChannel, bound));
    }

    /**
     * Asks the guest to end in good order, and ends the machine in any case.
     *
     * @param announcement is run when there is no way back, with a session if the guest listens; not when this throws before
     * @throws PyroException {@link ErrorCode#INTERRUPTED}: before the announcement, and the machine runs on; or after it, and the machine ends
     *     by itself, which takes longer than a caller who is cancelled waits
     */
    void shutDown(Machine machine, Consumer<Optional<AgentClient>> announcement) {
        Optional<AgentClient> agent = connectIfItListens(machine);
        boolean agreed = Undisturbed.call(() -> {
            announcement.accept(agent);
            return agent.filter(GuestStarter::agrees).isPresent();
        });
        if (agreed) {
            // Its answer is only that it begins: what it has not written to its disks yet would be lost now.
            awaitEnd(machine);
        }
        machine.stop();
    }

    private Optional<AgentClient> connectIfItListens(Machine machine) {
        try {
            return Optional.of(connect(machine));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // A guest that does not listen is ended all the same; its disk is as after a power failure.
            return Optional.empty();
        }
    }

    private static boolean agrees(AgentClient agent) {
        try (agent) {
            agent.shutdown();
            return true;
        } catch (PyroException e) {
            return false;
        }
    }

    /** An interrupted caller waits for a moment more: a guest that is killed now would lose what was written to its files. */
    private static void awaitEnd(Machine machine) {
        long deadline = System.nanoTime() + SHUTDOWN_BOUND.toNanos();
        boolean interrupted = false;
        try {
            while (machine.isAlive() && System.nanoTime() < deadline) {
                try {
                    TimeUnit.NANOSECONDS.sleep(POLL_PAUSE.toNanos());
                } catch (InterruptedException e) {
                    interrupted = true;
                    deadline = Math.min(deadline, System.nanoTime() + INTERRUPTED_SHUTDOWN_BOUND.toNanos());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (interrupted && machine.isAlive()) {
            throw new PyroException(
                    ErrorCode.INTERRUPTED,
                    "interrupted while machine " + machine.id() + " shut down; it ends by itself");
        }
    }

    private static ConfigureRequest configuration(GuestPlan plan, Machine machine) {
        ConfigureRequest request = ConfigureRequest.NOTHING
                .withHostname(plan.id())
                .withMachineId(HexFormat.of().formatHex(HostEntropy.draw(MACHINE_ID_BYTES)))
                .withLease(plan.leased())
                .withIdleBound(plan.idleBound())
                .withWorkspaceMount(plan.work() == null ? null : Workspace.PATH);
        return machine.network()
                .map(network -> request.withNetwork(
                        List.of(new ConfigureRequest.Card(
                                network.hardwareAddress(),
                                network.address(),
                                network.prefixLength(),
                                network.gateway())),
                        network.nameServers().stream()
                                .map(server -> "nameserver " + server)
                                .toList()))
                .orElse(request);
    }

    /** Returns the root that machines of an environment start from. */
    EnvironmentRoot root(String environmentDigest) {
        return new InstalledRoot(environments, environments.withDigest(environmentDigest));
    }

    /** An installed environment as a machine sees it. */
    private record InstalledRoot(EnvironmentStore store, InstalledEnvironment environment) implements EnvironmentRoot {
        @Override
        public String digest() {
            return environment.digest();
        }

        @Override
        public Path image() {
            return environment.rootfsImage();
        }

        @Override
        public Path tree(int uid) {
            return store.treeOf(environment, uid);
        }
    }
}
