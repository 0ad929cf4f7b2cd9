package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What makes a fresh guest, or a clone of a template, one of its own. The client adds the wall clock and fresh entropy. Immutable.
 *
 * @param hostname its name, or null to leave it
 * @param machineId 32 hex digits, or null to leave it
 * @param lease whether the machine powers off when this connection ends
 * @param idleBound after which the machine powers off when no request has run, or null to leave it; zero for never
 * @param cards the settings of its network cards; an empty list leaves them
 * @param resolverLines the lines of {@code /etc/resolv.conf}; an empty list leaves it
 * @param workspaceMount where {@code /dev/vdb} is mounted, or null for nowhere
 */
public record ConfigureRequest(
        @Nullable String hostname,
        @Nullable String machineId,
        boolean lease,
        @Nullable Duration idleBound,
        List<Card> cards,
        List<String> resolverLines,
        @Nullable String workspaceMount) {
    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}");
    private static final Pattern MACHINE_ID = Pattern.compile("[0-9a-f]{32}");
    private static final int MAX_CARDS = 4;
    private static final int MAX_RESOLVER_LINES = 16;
    private static final long MAX_IDLE_SECONDS = 0xffff_ffffL;

    /** Changes nothing but the clock and the entropy. */
    public static final ConfigureRequest NOTHING =
            new ConfigureRequest(null, null, false, null, List.of(), List.of(), null);

    /**
     * The settings of an IPv4 network card.
     *
     * @param hardwareAddress which card, as six pairs of hex digits with colons between them
     * @param address in dotted form
     * @param prefixLength 0 to 32
     * @param gateway in dotted form; 0.0.0.0 for none
     */
    public record Card(String hardwareAddress, String address, int prefixLength, String gateway) {
        private static final Pattern BYTE = Pattern.compile("\\d{1,3}");
        private static final Pattern HARDWARE_ADDRESS = Pattern.compile("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}");
        private static final HexFormat PAIRS = HexFormat.ofDelimiter(":");
        private static final int HARDWARE_ADDRESS_BYTES = 6;

        public Card {
            require(
                    HARDWARE_ADDRESS.matcher(hardwareAddress).matches(),
                    "the hardware address '" + hardwareAddress + "'");
            if (prefixLength < 0 || prefixLength > Integer.SIZE) {
                throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the network prefix " + prefixLength);
            }
            parse(address);
            parse(gateway);
        }

        byte[] encode() {
            return ByteBuffer.allocate(1 + 2 * Integer.BYTES + HARDWARE_ADDRESS_BYTES)
                    .put((byte) prefixLength)
                    .put(parse(address))
                    .put(parse(gateway))
                    .put(PAIRS.parseHex(hardwareAddress))
                    .array();
        }

        private static byte[] parse(String address) {
            String[] parts = address.split("\\.", -1);
            byte[] bytes = new byte[Integer.BYTES];
            boolean valid = parts.length == bytes.length;
            for (int i = 0; valid && i < bytes.length; i++) {
                valid = BYTE.matcher(parts[i]).matches() && Integer.parseInt(parts[i]) <= 255;
                bytes[i] = valid ? (byte) Integer.parseInt(parts[i]) : 0;
            }
            if (!valid) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT, "'" + address + "' is no IPv4 address such as 10.0.2.15");
            }
            return bytes;
        }
    }

    public ConfigureRequest {
        cards = List.copyOf(cards);
        resolverLines = List.copyOf(resolverLines);
        require(hostname == null || HOSTNAME.matcher(hostname).matches(), "the host name '" + hostname + "'");
        require(machineId == null || MACHINE_ID.matcher(machineId).matches(), "the machine id '" + machineId + "'");
        require(
                idleBound == null || (!idleBound.isNegative() && idleBound.toSeconds() <= MAX_IDLE_SECONDS),
                "the idle bound " + idleBound);
        require(cards.size() <= MAX_CARDS, "a machine of " + cards.size() + " network cards");
        require(resolverLines.size() <= MAX_RESOLVER_LINES, "a resolver file of " + resolverLines.size() + " lines");
        for (String line : resolverLines) {
            require(line.chars().noneMatch(Character::isISOControl), "a resolver line with control characters");
        }
        require(
                workspaceMount == null || (workspaceMount.startsWith("/") && workspaceMount.indexOf('\0') < 0),
                "the mount point '" + workspaceMount + "'");
    }

    /** The same with another host name. */
    public ConfigureRequest withHostname(@Nullable String other) {
        return new ConfigureRequest(other, machineId, lease, idleBound, cards, resolverLines, workspaceMount);
    }

    /** The same with another machine id. */
    public ConfigureRequest withMachineId(@Nullable String other) {
        return new ConfigureRequest(hostname, other, lease, idleBound, cards, resolverLines, workspaceMount);
    }

    /** The same, holding the lease or not. */
    public ConfigureRequest withLease(boolean other) {
        return new ConfigureRequest(hostname, machineId, other, idleBound, cards, resolverLines, workspaceMount);
    }

    /** The same with another idle bound. */
    public ConfigureRequest withIdleBound(@Nullable Duration other) {
        return new ConfigureRequest(hostname, machineId, lease, other, cards, resolverLines, workspaceMount);
    }

    /** The same with another network. */
    public ConfigureRequest withNetwork(List<Card> other, List<String> otherResolverLines) {
        return new ConfigureRequest(hostname, machineId, lease, idleBound, other, otherResolverLines, workspaceMount);
    }

    /** The same with another place for the workspace's disk. */
    public ConfigureRequest withWorkspaceMount(@Nullable String other) {
        return new ConfigureRequest(hostname, machineId, lease, idleBound, cards, resolverLines, other);
    }

    private static void require(boolean valid, String what) {
        if (!valid) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, what + " is not valid for a guest");
        }
    }
}
