package dev.pyro.workspace;

import dev.pyro.environment.CatalogueEntry;
import dev.pyro.environment.EnvironmentStore;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.store.PyroPaths;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The environments of this host, and which of them machines use. Safe for use by several threads and processes. */
public final class Environments {
    private final PyroPaths paths;
    private final EnvironmentStore store;
    private final VmStore vms;
    private final Supplier<Optional<Path>> kernel;

    /** @param kernel finds the kernel image that guests boot, without fetching one */
    public Environments(PyroPaths paths, WorkspaceContext context, Supplier<Optional<Path>> kernel) {
        this.paths = paths;
        this.store = context.environments();
        this.vms = context.vms();
        this.kernel = kernel;
    }

    /** Returns every environment of the catalogue. */
    public EnvironmentCatalogue list() {
        @Nullable Path kernelImage = kernel.get().orElse(null);
        return new EnvironmentCatalogue(
                store.catalogue().version(),
                store.catalogue().entries().stream()
                        .map(entry -> environment(entry, kernelImage))
                        .toList());
    }

    /** Returns one environment of the catalogue. */
    public Environment inspect(String name) {
        return environment(store.catalogue().require(name), kernel.get().orElse(null));
    }

    /** Installs an environment, or brings it up to date. */
    public Environment pull(String name, Progress.Listener listener) {
        store.pull(name, listener);
        return inspect(name);
    }

    /** Deletes what nothing needs. */
    public PrunedEnvironments prune(boolean all) {
        EnvironmentStore.PruneResult pruned = store.prune(all, digestsInUse(vms)::contains);
        return new PrunedEnvironments(pruned.deletedDirectories(), pruned.freedBytes());
    }

    private static Set<String> digestsInUse(VmStore vms) {
        return vms.ids().stream()
                .flatMap(id -> vms.find(id).stream())
                .map(VmRecord::environmentDigest)
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
