package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts QEMU, with the processes beside it that it needs, up to the point where it answers on its control socket. */
final class QemuLauncher {
    /** How long QEMU may take to listen; it has been loaded from a slow disk the first time. */
    private static final Duration LISTEN_TIMEOUT = Duration.ofSeconds(30);

    private final Map<String, String> environment;

    QemuLauncher(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * What is to be started.
     *
     * @param id the machine's id
     * @param folder its folder, which holds its root disk
     * @param line QEMU's command line
     * @param confinement who it runs as
     * @param leased whether it must end with this process
     * @param input the saved state that comes on its standard input, or null
     * @param template the key of the template that it comes from, or empty
     * @param agent the guest agent, which also filters what leaves the machine
     */
    record Launch(
            String id,
            MachineFolder folder,
            QemuCommandLine line,
            Confinement confinement,
            boolean leased,
            @Nullable Path input,
            Optional<String> template,
            Path agent) {}

    /** A machine whose QEMU answers; the guest does not run yet when it is to be restored. */
    record Launched(QemuMachine machine, ConsoleTail console, QmpClient control) {}

    /**
     * Starts it.
     *
     * @throws PyroException {@link ErrorCode#MACHINE_START_FAILED} or {@link ErrorCode#NETWORK_UNAVAILABLE}; no process or
     *     socket is left then
     */
    Launched launch(Launch launch) {
        MachineFolder folder = launch.folder();
        folder.createSockets(launch.confinement());
        ConsoleTail console = new ConsoleTail();
        MachineRecord record = startProcesses(launch);
        ProcessIdentity process = record.process();
        QemuMachine machine = new QemuMachine(record, folder, console);
        boolean done = false;
        try {
            // At once, so that a machine whose starter is killed can be found and ended.
            record.write(folder.record());
            SocketChannel socket = UnixSockets.connectWhenReady(
                            folder.socket(QemuCommandLine.QMP_SOCKET), process::isAlive, LISTEN_TIMEOUT)
                    .orElseThrow(() -> ended(launch));
            QmpClient control = openControl(socket, launch, machine);
            folder.sealSockets(launch.confinement());
            done = true;
            return new Launched(machine, console, control);
        } finally {
            if (!done) {
                machine.stop();
            }
        }
    }

    /** Starts QEMU and what it connects to; when this throws, none of them runs. */
    private MachineRecord startProcesses(Launch launch) {
        MachineFolder folder = launch.folder();
        NetworkMode mode = launch.line().shape().network();
        List<ProcessIdentity> started = new ArrayList<>();
        boolean done = false;
        try {
            Optional<EgressNetwork> network = Optional.empty();
            if (mode != NetworkMode.NONE) {
                network = Optional.of(EgressNetwork.start(
                        launch.agent(), folder, launch.confinement(), launch.leased(), environment));
                started.add(network.get().process());
            }
            Optional<ProcessIdentity> publisher = Optional.empty();
            if (mode == NetworkMode.EGRESS_PUBLISHED) {
                publisher = Optional.of(
                        PublishedPorts.start(launch.agent(), folder, launch.confinement(), launch.leased()));
                started.add(publisher.get());
            }
            Process child = MachineProcess.start(
                    launch.line().arguments(),
                    folder,
                    folder.qemuLog(),
                    launch.confinement(),
                    launch.leased(),
                    launch.input());
            ProcessIdentity process = ProcessIdentity.of(child.pid()).orElseThrow(() -> ended(launch));
            done = true;
            return new MachineRecord(
                    launch.id(),
                    process,
                    network.map(EgressNetwork::process),
                    publisher,
                    network.map(EgressNetwork::guest),
                    launch.template());
        } finally {
            if (!done) {
                started.forEach(ProcessIdentity::kill);
            }
        }
    }

    private static QmpClient openControl(SocketChannel socket, Launch launch, QemuMachine machine) {
        try {
            return QmpClient.open(socket);
        } catch (PyroException e) {
            throw machine.isAlive() ? e : ended(launch);
        }
    }

    private static PyroException ended(Launch launch) {
        return new PyroException(
                ErrorCode.MACHINE_START_FAILED,
                LogText.after(
                        "QEMU ended before machine " + launch.id() + " could start",
                        LogText.tail(launch.folder().qemuLog())));
    }
}
