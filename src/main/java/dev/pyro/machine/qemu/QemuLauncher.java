package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine.GuestNetwork;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts QEMU, with passt where it is needed, up to the point where it answers on its control socket. */
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
        Optional<EgressNetwork> network = launch.line().shape().network()
                ? Optional.of(
                        EgressNetwork.start(launch.agent(), folder, launch.confinement(), launch.leased(), environment))
                : Optional.empty();
        Optional<GuestNetwork> guestNetwork = network.map(EgressNetwork::guest);
        ProcessIdentity process;
        try {
            Process child = MachineProcess.start(
                    launch.line().arguments(),
                    folder,
                    folder.qemuLog(),
                    launch.confinement(),
                    launch.leased(),
                    launch.input());
            process = ProcessIdentity.of(child.pid()).orElseThrow(() -> ended(launch));
        } catch (PyroException e) {
            network.map(EgressNetwork::process).ifPresent(ProcessIdentity::kill);
            throw e;
        }
        MachineRecord record = new MachineRecord(
                launch.id(), process, network.map(EgressNetwork::process), guestNetwork, launch.template());
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
