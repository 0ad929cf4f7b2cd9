package dev.pyro.environment;

import dev.pyro.environment.EnvironmentRequest.Catalogued;
import dev.pyro.model.Progress;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Makes environments of the catalogue on this host, one at a time: builds share the folder of downloaded packages. */
final class LocalInstaller {
    private static final Duration BUILD_WAIT = Duration.ofMinutes(90);

    private final EnvironmentLayout layout;
    private final EnvironmentNames names;
    private final EnvironmentSource source;
    private final EnvironmentPublisher publisher;
    private final BuildNamespace namespace;

    LocalInstaller(
            EnvironmentLayout layout,
            EnvironmentNames names,
            EnvironmentSource source,
            EnvironmentPublisher publisher,
            BuildNamespace namespace) {
        this.layout = layout;
        this.names = names;
        this.source = source;
        this.publisher = publisher;
        this.namespace = namespace;
    }

    /** Returns the environment as it is installed; else, or when it has to be {@code current} and is not, it is built. */
    InstalledEnvironment install(CatalogueEntry entry, boolean current, Progress.Listener listener) {
        Optional<InstalledEnvironment> there = find(entry, current);
        if (there.isPresent()) {
            return there.get();
        }
        try (InterProcessLock _ = InterProcessLock.acquire(
                layout.buildLock(),
                "the build of environments",
                BUILD_WAIT,
                () -> listener.onProgress(new Progress(
                        "pull", "wait", entry.name(), null, "waits for another process that builds environments")))) {
            // Whoever had the lock may have built this very one.
            there = find(entry, current);
            if (there.isPresent()) {
                return there.get();
            }
            new Staging(layout, namespace).delete(EnvironmentLayout.STAGING_PREFIX);
            listener.onProgress(new Progress("pull", "install", entry.name(), null, "builds the environment"));
            return build(entry, listener);
        }
    }

    private Optional<InstalledEnvironment> find(CatalogueEntry entry, boolean current) {
        Optional<InstalledEnvironment> installed = names.installed(new Catalogued(entry));
        return current
                ? installed.filter(found -> found.version().equals(entry.version()) && found.image() == null)
                : installed;
    }

    private InstalledEnvironment build(CatalogueEntry entry, Progress.Listener listener) {
        Path staged = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.STAGING_PREFIX);
        try {
            EnvironmentSource.RootFilesystem root = source.build(entry, staged, listener);
            Path image = EnvironmentLayout.image(staged);
            if (!root.rootfsImage().equals(image)) {
                Files.move(root.rootfsImage(), image);
            }
            return publisher.publish(
                    staged,
                    new EnvironmentPublisher.Content(
                            entry.distribution(), entry.distributionVersion(), entry.packages()),
                    new EnvironmentPublisher.Name(
                            names.file(new Catalogued(entry)),
                            new NamedEnvironment(entry.name(), root.digest(), source.name(), entry.version(), null)),
                    Optional.empty());
        } catch (IOException e) {
            throw AtomicFiles.failure("install in", staged, e);
        } finally {
            if (Files.exists(staged)) {
                Leftovers.delete(namespace, staged);
            }
        }
    }
}
