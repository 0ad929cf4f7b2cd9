package dev.pyro.model;

/**
 * A port of a service that can be reached from the host.
 *
 * @param hostPort the port on {@value #HOST}
 * @param guestPort the port in the machine
 */
public record PublishedPort(int hostPort, int guestPort) {
    /** The only address of the host on which ports are published. */
    public static final String HOST = "127.0.0.1";

    /** The only protocol. */
    public static final String PROTOCOL = "tcp";
}
