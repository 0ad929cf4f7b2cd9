package dev.pyro.machine.qemu;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The name servers that a guest is to ask.
 *
 * @param nameServers their IPv4 addresses, at most three, because a resolver looks at no more
 * @param forwarded whether one of them is {@link #FORWARD_ADDRESS}
 */
record HostResolvers(List<String> nameServers, boolean forwarded) {
    /** The address in the guest's network behind which passt reaches a resolver that only the host itself can reach. */
    static final String FORWARD_ADDRESS = "10.0.2.3";

    private static final int MAX_NAME_SERVERS = 3;
    private static final int MAX_BYTES = 64 * 1024;
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})(\\.\\d{1,3}){3}");
    private static final Pattern SPACE = Pattern.compile("\\s+");

    HostResolvers {
        nameServers = List.copyOf(nameServers);
    }

    /** Reads the host's own list; a host without one gives none. */
    static HostResolvers read() {
        try {
            return Files.size(RESOLV_CONF) > MAX_BYTES
                    ? new HostResolvers(List.of(), false)
                    : parse(Files.readString(RESOLV_CONF, StandardCharsets.ISO_8859_1), HostResolvers::isOwn);
        } catch (IOException e) {
            return new HostResolvers(List.of(), false);
        }
    }

    /**
     * Reads the text of a {@code resolv.conf}.
     *
     * @param isOwn tells whether an IPv4 address is one of this host's
     */
    static HostResolvers parse(String text, Predicate<String> isOwn) {
        Set<String> servers = new LinkedHashSet<>();
        text.lines().map(String::strip).map(SPACE::split).forEach(words -> {
            if (words.length >= 2 && words[0].equals("nameserver")) {
                String address = words[1];
                if (IPV4.matcher(address).matches() && !isLoopback(address) && !isOwn.test(address)) {
                    servers.add(address);
                } else {
                    // An address of the host itself, which the guest may not reach, or IPv6, which it has not: passt
                    // asks on its behalf.
                    servers.add(FORWARD_ADDRESS);
                }
            }
        });
        List<String> first = servers.stream().limit(MAX_NAME_SERVERS).toList();
        return new HostResolvers(first, first.contains(FORWARD_ADDRESS));
    }

    /** What a socket can be bound to is this host's own, whichever card it belongs to. */
    private static boolean isOwn(String address) {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(Inet4Address.ofLiteral(address), 0))) {
            return socket.isBound();
        } catch (SocketException | IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isLoopback(String address) {
        return address.startsWith("127.") || address.startsWith("0.");
    }
}
