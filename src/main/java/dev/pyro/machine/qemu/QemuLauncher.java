package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
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
        try (HeldMachine held = new HeldMachine(launch)) {
            MachineRecord record = held.hold(environment);
            // Before one of them does anything, so that whoever kills this process leaves none that nobody knows.
            record.write(folder.record());
            QemuMachine machine = new QemuMachine(record, folder, console);
            boolean done = false;
            try {
                held.release();
                SocketChannel socket = UnixSockets.connectWhenReady(
                                folder.socket(QemuCommandLine.QMP_SOCKET), machine::isAlive, LISTEN_TIMEOUT)
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
