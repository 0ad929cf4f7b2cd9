package dev.pyro.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A port that is to be published on {@value PublishedPort#HOST}. Immutable.
 *
 * @param guestPort the port in the machine, 1 to 65,535
 * @param hostPort the port of the host, or null for any that is free
 */
public record PublishPort(int guestPort, @Nullable Integer hostPort) {
    /** How many ports one service may publish. */
    public static final int MAX_PORTS = 32;

    /** Ports below belong to the host's own services. */
    public static final int MIN_HOST_PORT = 1024;

    public static final int MAX_PORT = 65_535;

    /**
     * Throws {@link ErrorCode#INVALID_ARGUMENT} when one is no port, and {@link ErrorCode#PORT_UNAVAILABLE} when the host's is privileged.
     */
    public PublishPort {
        require("guest_port", guestPort);
        if (hostPort != null) {
            require("host_port", hostPort);
            if (hostPort < MIN_HOST_PORT) {
                throw new PyroException(
                        ErrorCode.PORT_UNAVAILABLE,
                        "host_port " + hostPort + " is privileged and is not published: choose one from "
                                + MIN_HOST_PORT + " to " + MAX_PORT + ", or none, and a free one is chosen");
            }
        }
    }

    private static void require(String name, int port) {
        if (port < 1 || port > MAX_PORT) {
            throw invalid(name + " must be between 1 and " + MAX_PORT + ", not " + port);
        }
    }

    /** Checks that a list of ports names none twice and is not too long. */
    static List<PublishPort> requireDistinct(List<PublishPort> ports) {
        if (ports.size() > MAX_PORTS) {
            throw invalid("a service publishes at most " + MAX_PORTS + " ports, not " + ports.size());
        }
        Set<Integer> guests = new HashSet<>();
        Set<Integer> hosts = new HashSet<>();
        for (PublishPort port : ports) {
            if (!guests.add(port.guestPort())) {
                throw invalid("guest_port " + port.guestPort() + " is published twice");
            }
            if (port.hostPort() != null && !hosts.add(port.hostPort())) {
                throw invalid("host_port " + port.hostPort() + " is published twice");
            }
        }
        return List.copyOf(ports);
    }

    private static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }
}
