package dev.pyro.workspace;

import dev.pyro.disk.DiskUsage;
import dev.pyro.environment.CatalogueEntry;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.runtime.RuntimeBundle;
import dev.pyro.runtime.RuntimeBundles;
import dev.pyro.store.PyroPaths;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The environments of this host, and which of them machines use. Safe for use by several threads and processes. */
public final class Environments {
    private final PyroPaths paths;
    private final EnvironmentStore store;
    private final VmStore vms;
    private final WorkspaceStore workspaces;
    private final BackendSelector backends;
    private final RuntimeBundles bundles;

    public Environments(PyroPaths paths, WorkspaceContext context, RuntimeBundles bundles) {
        this.paths = paths;
        this.store = context.environments();
        this.vms = context.vms();
        this.workspaces = context.workspaces().store();
        this.backends = context.backends();
        this.bundles = bundles;
    }

    /** Returns every environment of the catalogue. */
    public EnvironmentCatalogue list() {
        @Nullable Path kernelImage = kernelImage();
        return new EnvironmentCatalogue(
                store.catalogue().version(),
                store.catalogue().entries().stream()
                        .map(entry -> environment(entry, kernelImage))
                        .toList());
    }

    /** Returns one environment of the catalogue. */
    public Environment inspect(String name) {
        return environment(store.catalogue().require(name), kernelImage());
    }

    /** Installs an environment, or brings it up to date. */
    public Environment pull(String name, Progress.Listener listener) {
        store.pull(name, listener);
        bundles.ensure(listener);
        return inspect(name);
    }

    /** Deletes what nothing needs. */
    public PrunedEnvironments prune(boolean all) {
        EnvironmentStore.PruneResult pruned =
                store.prune(all, digest -> digestsInUse().contains(digest));
        AtomicLong freedBytes = new AtomicLong(pruned.freedBytes());
        Consumer<Path> onDelete = folder -> freedBytes.addAndGet(DiskUsage.allocatedBytes(folder));
        backends.all().forEach(backend -> backend.prune(all, onDelete));
        bundles.prune(onDelete);
        return new PrunedEnvironments(pruned.deletedDirectories(), freedBytes.get());
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

    private Environment environment(CatalogueEntry entry, @Nullable Path kernelImage) {
        return new Environment(
                entry.name(),
                entry.version(),
                entry.description(),
                entry.distribution(),
                entry.distributionVersion(),
                entry.packages(),
                paths.environments(),
                store.find(entry.name())
                        .map(installed -> installation(installed, kernelImage))
                        .orElse(null));
    }

    private static Installation installation(InstalledEnvironment installed, @Nullable Path kernelImage) {
        return new Installation(
                installed.directory(),
                installed.manifest(),
                kernelImage,
                installed.rootfsImage(),
                installed.source(),
                installed.digest(),
                installed.sizeBytes());
    }
}
