package dev.pyro.machine;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A running machine, seen from the host. Safe for use by several threads, and by several processes through {@link
 * MachineBackend#adopt}.
 *
 * <p>The machine does not end when this object is forgotten; only {@link #stop}, the guest itself, or the end of the lease does
 * that.
 */
public interface Machine {
    /** The least port of the host that can be published; those below belong to the host's own services. */
    int MIN_HOST_PORT = 1024;

    /**
     * A machine's network card, and what it is to be set to.
     *
     * @param hardwareAddress by which the guest knows it, as in {@code 52:54:00:12:34:56}
     * @param address the guest's IPv4 address
     * @param prefixLength its network's prefix
     * @param gateway the IPv4 address of the way out
     * @param nameServers the IPv4 addresses of name servers, possibly none
     */
    record GuestNetwork(
            String hardwareAddress, String address, int prefixLength, String gateway, List<String> nameServers) {
        public GuestNetwork {
            nameServers = List.copyOf(nameServers);
        }
    }

    /** Returns the machine's id. */
    String id();

    /** Returns the process that is the machine. */
    ProcessIdentity process();

    /** Tells whether the machine's process runs. */
    boolean isAlive();

    /** Returns what the guest's network card is to be set to, or empty for a machine without one. */
    Optional<GuestNetwork> network();

    /**
     * Opens a fresh byte stream to the guest agent. The stream blocks; closing it from another thread ends a blocked call.
     * Nothing is known about the agent's state: the protocol's handshake finds that out.
     *
     * @throws PyroException {@link ErrorCode#MACHINE_DIED} when the machine has ended, with the end of its log; {@link
     *     ErrorCode#GUEST_TIMEOUT} when every port stays taken for the whole bound
     */
    ByteChannel openChannel(Duration timeout);

    /**
     * Publishes a port of the guest: from now on who connects to 127.0.0.1 and {@code hostPort} on the host reaches what listens on
     * {@code guestPort} of the guest's own loopback, or on all its addresses. Where nothing listens, the connection is closed. It ends with
     * {@link #unpublish} and with the machine, however that ends. An interruption does not cut it short.
     *
     * @param hostPort a port of the host, 1 to 65,535
     * @param guestPort a TCP port of the guest, 1 to 65,535
     * @throws PyroException {@link ErrorCode#PORT_UNAVAILABLE} when the host's port is below {@link #MIN_HOST_PORT}, or something listens
     *     on it, a machine too; {@link ErrorCode#MACHINE_DIED}; nothing is published then
     * @throws IllegalStateException when the machine is not one of {@link MachineSpec.NetworkMode#EGRESS_PUBLISHED}
     */
    void publish(int hostPort, int guestPort);

    /**
     * Ends a publication; the port is free when this returns. Connections that exist stay until either end closes them. Does nothing when
     * the port is not published, or the machine has ended. An interruption does not cut it short.
     *
     * @throws IllegalStateException when the machine is not one of {@link MachineSpec.NetworkMode#EGRESS_PUBLISHED}
     */
    void unpublish(int hostPort);

    /** Tells whether somebody, in whichever process, has a byte stream open; a machine that is used must not be reaped. */
    boolean isInUse();

    /** Returns the end of the machine's log and console for a message: at most a dozen lines, without control characters. */
    String logTail();

    /**
     * Ends the machine at once, waits for the end of its processes and removes its sockets. Does nothing when it has ended. The
     * disks stay in the machine's folder.
     */
    void stop();
}
