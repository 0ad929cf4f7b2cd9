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
    /**
     * The address that the machine's network card is to have.
     *
     * @param address the guest's IPv4 address
     * @param prefixLength its network's prefix
     * @param gateway the IPv4 address of the way out
     * @param nameServers the IPv4 or IPv6 addresses of name servers, possibly none
     */
    record GuestNetwork(String address, int prefixLength, String gateway, List<String> nameServers) {
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
