package dev.pyro.cli.render;

import dev.pyro.model.PublishedPort;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceList;
import java.util.List;
import java.util.stream.Collectors;

/** The human lines about services. What users wrote is printable in them. Stateless. */
public final class ServiceLines {
    private ServiceLines() {}

    /**
     * The line, for standard error, of {@code workspace service start}, {@code status}, {@code stop} and {@code logs}.
     *
     * @param command the last word of the command
     */
    public static String service(String command, Service service) {
        SummaryLine line = new SummaryLine("workspace-service-" + command)
                .put("workspace_id", service.workspaceId())
                .put("service_name", service.name())
                .put("state", service.state().wireName())
                .put("cwd", service.cwd())
                .put("execution_mode", service.executionMode().wireName());
        if (!service.publishedPorts().isEmpty()) {
            line.put("published_ports", ports(service));
        }
        return line.toString();
    }

    /** The lines of {@code workspace service list}. */
    public static List<String> list(ServiceList list) {
        return list.services().isEmpty()
                ? List.of("No workspace services found.")
                : list.services().stream()
                        .map(service -> service.name() + " [" + service.state().wireName() + "] cwd="
                                + Printable.line(service.cwd())
                                + (service.publishedPorts().isEmpty() ? "" : " published=" + ports(service)))
                        .toList();
    }

    private static String ports(Service service) {
        return service.publishedPorts().stream()
                .map(port -> PublishedPort.HOST + ":" + port.hostPort() + "->" + port.guestPort() + "/"
                        + PublishedPort.PROTOCOL)
                .collect(Collectors.joining(","));
    }
}
