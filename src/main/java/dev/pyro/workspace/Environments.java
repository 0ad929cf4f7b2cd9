package dev.pyro.workspace;

import dev.pyro.disk.DiskUsage;
import dev.pyro.environment.DockerfileBuild;
import dev.pyro.environment.EnvironmentPusher;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.model.BuildEnvironment;
import dev.pyro.model.Environment;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PrunedEnvironments.Deleted;
import dev.pyro.model.PushedEnvironment;
import dev.pyro.model.RegistryOptions;
import dev.pyro.runtime.RuntimeBundle;
import dev.pyro.runtime.RuntimeBundles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The environments of this host, and which of them machines use. Safe for use by several threads and processes. */
public final class Environments {
    private final EnvironmentStore store;
    private final VmStore vms;
    private final WorkspaceStore workspaces;
    private final BackendSelector backends;
    private final RuntimeBundles bundles;
    private final EnvironmentPusher pusher;
    private final DockerfileBuild dockerfiles;

    public Environments(
            WorkspaceContext context, RuntimeBundles bundles, EnvironmentPusher pusher, DockerfileBuild dockerfiles) {
        this.store = context.environments();
        this.vms = context.vms();
        this.workspaces = context.workspaces().store();
        this.backends = context.backends();
        this.bundles = bundles;
        this.pusher = pusher;
        this.dockerfiles = dockerfiles;
    }

    /** Returns every environment of the catalogue, and behind it what else is installed. */
    public EnvironmentCatalogue list() {
        return new EnvironmentCatalogue(
                store.catalogue().version(), store.descriptions().all(kernelImage()));
    }

    /** Returns one environment. */
    public Environment inspect(String name) {
        return store.descriptions().of(name, kernelImage());
    }

    /** Installs an environment, or brings it up to date. */
    public Environment pull(String name, RegistryOptions options, Progress.Listener listener) {
        store.pull(name, options, listener);
        bundles.ensure(listener);
        return inspect(name);
    }

    /** Puts an installed environment into a registry. */
    public PushedEnvironment push(String name, String reference, RegistryOptions options, Progress.Listener listener) {
        return pusher.push(name, reference, options, listener);
    }

    /** Builds an environment from a Dockerfile and installs it. */
    public Environment build(Path context, BuildEnvironment options, Progress.Listener listener) {
        String name = dockerfiles.build(context, options, listener).name();
        bundles.ensure(listener);
        return inspect(name);
    }

    /** Deletes what nothing needs, or only tells what that is. */
    public PrunedEnvironments prune(boolean all, boolean dryRun) {
        PrunedEnvironments pruned =
                store.prune(all, dryRun, digest -> digestsInUse().contains(digest));
        List<Deleted> templates = new ArrayList<>();
        backends.all()
                .forEach(backend -> backend.prune(all, folder -> {
                    templates.add(new Deleted(folder, DiskUsage.allocatedBytes(folder)));
                    return !dryRun;
                }));
        AtomicLong otherBytes = new AtomicLong();
        bundles.prune(entry -> {
            otherBytes.addAndGet(DiskUsage.allocatedBytes(entry));
            return !dryRun;
        });
        return pruned.with(templates, otherBytes.get());
    }

    /** The kernel that guests boot, or null until one was fetched. */
    private @Nullable Path kernelImage() {
        return bundles.find().map(RuntimeBundle::kernel).orElse(null);
    }

    private Set<String> digestsInUse() {
        return Stream.concat(
                        vms.ids().stream().flatMap(id -> vms.find(id).stream()).map(VmRecord::environmentDigest),
                        workspaces.all().stream().map(record -> record.origin().environmentDigest()))
                .collect(Collectors.toSet());
    }
}
