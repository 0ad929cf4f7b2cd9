package dev.pyro.workspace;

import dev.pyro.environment.EnvironmentStore;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.PyroPaths;
import dev.pyro.workspace.seed.SeedStaging;
import java.time.Clock;
import java.util.Map;

/**
 * What the services of this package share. Immutable; its parts are safe for use by several threads.
 *
 * @param environments the environments of this host
 * @param backends the ways to run machines
 * @param vms the records of virtual machines
 * @param starter brings machines to life
 * @param slots how many may run at a time
 * @param paths where files are kept
 * @param workspaces the records and machines of workspaces
 * @param seeds what brings files of the host into them
 * @param defaultDiskMib how large the disk of a workspace is unless its creator says
 * @param clock the time
 */
public record WorkspaceContext(
        EnvironmentStore environments,
        BackendSelector backends,
        VmStore vms,
        GuestStarter starter,
        VmSlots slots,
        PyroPaths paths,
        WorkspaceAccess workspaces,
        SeedStaging seeds,
        int defaultDiskMib,
        Clock clock) {
    /**
     * Puts the parts together.
     *
     * @param environment the process's environment variables
     * @param maxActiveVms how many virtual machines may run at a time
     * @param defaultDiskMib how large the disk of a workspace is unless its creator says
     */
    public static WorkspaceContext of(
            PyroPaths paths,
            EnvironmentStore environments,
            BackendSelector backends,
            Map<String, String> environment,
            int maxActiveVms,
            int defaultDiskMib) {
        Clock clock = Clock.systemUTC();
        VmStore vms = new VmStore(paths);
        GuestStarter starter = new GuestStarter(environments, environment);
        return new WorkspaceContext(
                environments,
                backends,
                vms,
                starter,
                new VmSlots(vms, backends, maxActiveVms),
                paths,
                new WorkspaceAccess(new WorkspaceStore(paths), backends, starter, clock),
                new SeedStaging(paths, BuildNamespace.ofThisUser()),
                defaultDiskMib,
                clock);
    }
}
