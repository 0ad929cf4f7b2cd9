package dev.pyro.workspace;

import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceId;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.ServiceLedger.Known;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The host's ports that services publish. A machine holds them as long as it runs; which of them belongs to which service, the services' records
 * say, across all workspaces of this state folder. Safe for use by several threads and processes.
 */
final class ServicePorts {
    /** How often another free port is looked for when somebody else was faster. */
    private static final int MAX_TRIES = 16;

    private final WorkspaceAccess access;
    private final ServiceLedger ledger;

    ServicePorts(WorkspaceAccess access, ServiceLedger ledger) {
        this.access = access;
        this.ledger = ledger;
    }

    /**
     * Frees the wanted ports that services of other workspaces hold though they have ended. The caller holds no lock.
     *
     * @throws PyroException {@link ErrorCode#PORT_UNAVAILABLE}, naming the running service that has one
     */
    void claim(WorkspaceId own, List<PublishPort> wanted) {
        List<Integer> hostPorts = wanted.stream()
                .map(PublishPort::hostPort)
                .filter(port -> port != null)
                .toList();
        if (hostPorts.isEmpty()) {
            return;
        }
        for (WorkspaceRecord other : access.store().all()) {
            if (!other.id().equals(own)
                    && holder(ledger.store(other).all(), hostPorts).isPresent()) {
                settled(other.id()).ifPresent(services -> requireFree(other.id(), services, hostPorts));
            }
        }
    }

    private Optional<List<Known>> settled(WorkspaceId id) {
        try (InterProcessLock _ = ledger.lock(id)) {
            return Optional.of(ledger.settle(access.store().get(id)));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // Publishing will show whether the port is free.
            return Optional.empty();
        }
    }

    /**
     * Makes sure that no service of a workspace has one of these ports.
     *
     * @throws PyroException {@link ErrorCode#PORT_UNAVAILABLE}, naming the one that has
     */
    static void requireFree(WorkspaceId id, List<Known> services, List<Integer> hostPorts) {
        holder(services.stream().map(Known::record).toList(), hostPorts).ifPresent(service -> {
            PublishedPort port = service.ports().stream()
                    .filter(one -> hostPorts.contains(one.hostPort()))
                    .findFirst()
                    .orElseThrow();
            throw new PyroException(
                    ErrorCode.PORT_UNAVAILABLE,
                    "service \"" + service.name() + "\" of workspace " + id + " has port " + port.hostPort() + " of "
                            + PublishedPort.HOST + ": stop it (`pyro workspace service stop " + id + " "
                            + service.name() + "`), or choose another host port, or none, and a free one is chosen");
        });
    }

    private static Optional<ServiceRecord> holder(List<ServiceRecord> services, List<Integer> hostPorts) {
        return services.stream()
                .filter(service -> service.ports().stream().anyMatch(port -> hostPorts.contains(port.hostPort())))
                .findFirst();
    }

    /**
     * Publishes ports.
     *
     * @param announce is told of all ports that may be published, each time before one is
     * @return the ports, with those that were chosen
     * @throws PyroException {@link ErrorCode#PORT_UNAVAILABLE}; those that were announced last may be published then
     */
    static List<PublishedPort> publish(
            Machine machine, List<PublishPort> wanted, Consumer<List<PublishedPort>> announce) {
        List<PublishedPort> done = new ArrayList<>();
        // First those that leave no choice, so that no other one takes their place.
        for (PublishPort port : wanted) {
            Integer hostPort = port.hostPort();
            if (hostPort != null) {
                done.add(publish(machine, new PublishedPort(hostPort, port.guestPort()), done, announce));
            }
        }
        for (PublishPort port : wanted) {
            if (port.hostPort() == null) {
                done.add(publishSomewhere(machine, port.guestPort(), done, announce));
            }
        }
        return done;
    }

    private static PublishedPort publishSomewhere(
            Machine machine, int guestPort, List<PublishedPort> done, Consumer<List<PublishedPort>> announce) {
        int tries = 0;
        while (true) {
            try {
                return publish(machine, new PublishedPort(freePort(), guestPort), done, announce);
            } catch (PyroException e) {
                tries++;
                if (e.code() != ErrorCode.PORT_UNAVAILABLE || tries == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static PublishedPort publish(
            Machine machine, PublishedPort port, List<PublishedPort> done, Consumer<List<PublishedPort>> announce) {
        List<PublishedPort> announced = new ArrayList<>(done);
        announced.add(port);
        announce.accept(announced);
        machine.publish(port.hostPort(), port.guestPort());
        return port;
    }

    /** Returns a port that was free a moment ago. */
    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, Inet4Address.ofLiteral(PublishedPort.HOST))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.PORT_UNAVAILABLE,
                    "no port of " + PublishedPort.HOST + " is free (" + e.getMessage() + "): end what uses them",
                    e);
        }
    }
}
