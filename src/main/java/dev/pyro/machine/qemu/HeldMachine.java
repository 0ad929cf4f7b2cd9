package dev.pyro.machine.qemu;

import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.qemu.QemuLauncher.Launch;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HeldProcess;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * QEMU and the processes that it connects to, all held until they are written down. Closing ends those that were not released. For one
 * thread.
 */
final class HeldMachine implements AutoCloseable {
    private final Launch launch;
    private final Map<Companion, HeldProcess> companions = new LinkedHashMap<>();
    private @Nullable HeldProcess qemu;

    HeldMachine(Launch launch) {
        this.launch = launch;
    }

    /**
     * Makes all of them, and returns what is to be written down before they are released.
     *
     * @throws PyroException {@link ErrorCode#MACHINE_START_FAILED} or {@link ErrorCode#NETWORK_UNAVAILABLE}
     */
    MachineRecord hold(Map<String, String> environment) {
        NetworkMode mode = launch.line().shape().network();
        Optional<EgressNetwork> network = mode == NetworkMode.NONE
                ? Optional.empty()
                : Optional.of(EgressNetwork.of(launch.agent(), launch.folder(), environment));
        Optional<HeldProcess> filter = network.map(EgressNetwork::filter).map(this::hold);
        Optional<HeldProcess> publisher = mode == NetworkMode.EGRESS_PUBLISHED
                ? Optional.of(hold(PublishedPorts.publisher(launch.agent(), launch.folder())))
                : Optional.empty();
        HeldProcess machine = MachineProcess.hold(
                launch.line().arguments(),
                launch.folder(),
                launch.folder().qemuLog(),
                launch.confinement(),
                launch.leased(),
                launch.input());
        qemu = machine;
        return new MachineRecord(
                launch.id(),
                machine.identity(),
                filter.map(HeldProcess::identity),
                publisher.map(HeldProcess::identity),
                network.map(EgressNetwork::guest),
                launch.template());
    }

    private HeldProcess hold(Companion companion) {
        HeldProcess process = companion.hold(launch.folder(), launch.confinement(), launch.leased());
        companions.put(companion, process);
        return process;
    }

    /**
     * Lets them become their programs, QEMU when the others listen.
     *
     * @throws PyroException with the failure of a companion that does not
     */
    void release() {
        companions.values().forEach(HeldProcess::release);
        companions.forEach((companion, process) -> companion.awaitListening(process, launch.folder()));
        Objects.requireNonNull(qemu, "hold() comes first").release();
    }

    @Override
    public void close() {
        companions.values().forEach(HeldProcess::abandon);
        if (qemu != null) {
            qemu.abandon();
        }
    }
}
