package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Undisturbed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The ports of the host that lead into a machine. A process beside QEMU, a mode of the guest agent's program, listens on them and passes
 * what comes through a port of the machine to the agent, which connects within the guest ({@code docs/decisions/0017-published-ports.md}).
 *
 * @param machine a machine with that process
 * @param folder its folder
 */
record PublishedPorts(QemuMachine machine, MachineFolder folder) {
    private static final String CONTROL_SOCKET = "publish";
    private static final int MAX_PORT = 65_535;
    private static final int MAX_ANSWER_BYTES = 16;

    /** It answers at once, unless somebody keeps it busy. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

    private static final int ADDRESS_IN_USE = 98;
    private static final int NO_SPACE = 28;

    /** Returns the command line of that process. A pure function. */
    static List<String> commandLine(Path agent) {
        return List.of(agent.toString(), "--publish-ports", QemuCommandLine.RELAY_SOCKET, CONTROL_SOCKET);
    }

    /** Returns that process, which publishes nothing yet; it fails with {@link ErrorCode#NETWORK_UNAVAILABLE}. */
    static Companion publisher(Path agent, MachineFolder folder) {
        return new Companion(
                commandLine(agent),
                QemuCommandLine.RELAY_SOCKET,
                folder.publisherLog(),
                reason -> new PyroException(
                        ErrorCode.NETWORK_UNAVAILABLE,
                        LogText.after(
                                "what publishes a machine's ports did not start: " + reason
                                        + "; mend that, or use the network policy egress",
                                LogText.tail(folder.publisherLog()))));
    }

    /** Does what {@link Machine#publish} does. */
    void publish(int hostPort, int guestPort) {
        requirePort("the host's", hostPort);
        requirePort("the guest's", guestPort);
        String purpose = "publish port " + hostPort + " of this host for machine " + machine.id();
        if (hostPort < Machine.MIN_HOST_PORT) {
            throw unavailable(purpose, "ports below " + Machine.MIN_HOST_PORT + " are the host's own");
        }
        int failure = Undisturbed.call(() -> command(purpose, "publish " + hostPort + " " + guestPort));
        switch (failure) {
            case 0 -> {}
            case ADDRESS_IN_USE -> throw unavailable(purpose, "something listens on it already");
            case NO_SPACE -> throw unavailable(purpose, "the machine publishes as many ports as it can");
            default -> throw unavailable(purpose, "the kernel refuses it with error " + failure);
        }
    }

    /** Does what {@link Machine#unpublish} does. */
    void unpublish(int hostPort) {
        requirePort("the host's", hostPort);
        String purpose = "take back port " + hostPort + " of machine " + machine.id();
        try {
            int failure = Undisturbed.call(() -> command(purpose, "unpublish " + hostPort));
            if (failure != 0) {
                throw new PyroException(ErrorCode.INTERNAL, "cannot " + purpose + ": error " + failure);
            }
        } catch (PyroException e) {
            if (machine.isAlive() && machine.isPublishing()) {
                throw e;
            }
        }
    }

    /** Has something done and returns the error number, or 0. */
    private int command(String purpose, String line) {
        if (!machine.isAlive()) {
            throw machine.died();
        }
        try (SocketChannel socket = UnixSockets.connect(folder.socket(CONTROL_SOCKET))) {
            ByteBuffer request = StandardCharsets.US_ASCII.encode(line + "\n");
            while (request.hasRemaining()) {
                socket.write(request);
            }
            return Integer.parseInt(answer(socket).strip());
        } catch (IOException | NumberFormatException e) {
            if (!machine.isAlive()) {
                throw machine.died();
            }
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    LogText.after(
                            "cannot " + purpose + ": the process that holds its ports does not answer ("
                                    + e.getMessage() + "); stop the machine and start it again",
                            LogText.tail(folder.publisherLog())),
                    e);
        }
    }

    private static String answer(SocketChannel socket) throws IOException {
        socket.configureBlocking(false);
        ByteBuffer answer = ByteBuffer.allocate(MAX_ANSWER_BYTES);
        long deadline = System.nanoTime() + ANSWER_TIMEOUT.toNanos();
        int count = 0;
        while (answer.hasRemaining() && count >= 0) {
            if (System.nanoTime() >= deadline) {
                throw new IOException("no answer within " + ANSWER_TIMEOUT.toSeconds() + " s");
            }
            count = socket.read(answer);
            if (count == 0) {
                UnixSockets.pause();
            }
        }
        return StandardCharsets.US_ASCII.decode(answer.flip()).toString();
    }

    private static PyroException unavailable(String purpose, String reason) {
        return new PyroException(
                ErrorCode.PORT_UNAVAILABLE,
                "cannot " + purpose + ": " + reason + "; choose another port, or leave the host's port out");
    }

    private static void requirePort(String whose, int port) {
        if (port < 1 || port > MAX_PORT) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, whose + " port must be from 1 to " + MAX_PORT + ", not " + port);
        }
    }
}
