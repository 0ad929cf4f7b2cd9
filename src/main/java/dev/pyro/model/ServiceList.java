package dev.pyro.model;

import java.util.List;

/**
 * The services of a workspace, those too that have ended.
 *
 * @param workspaceId the workspace
 * @param services in the order in which they were started
 */
public record ServiceList(WorkspaceId workspaceId, List<Service> services) {
    public ServiceList {
        services = List.copyOf(services);
    }

    /** Returns how many of them run. */
    public int runningCount() {
        return (int) services.stream().filter(Service::isRunning).count();
    }
}
