package dev.pyro.environment;

import dev.pyro.disk.DiskUsage;
import dev.pyro.json.JsonFormatException;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Deletes what environments leave behind. Staging folders have no owner to ask: whoever holds the lock under which such
 * folders are made knows that all he finds are left-overs, in whichever PID namespace their makers lived.
 */
final class EnvironmentPruner {
    static final Duration DELETE_TIMEOUT = Duration.ofMinutes(5);

    private final EnvironmentLayout layout;
    private final EnvironmentStore store;
    private final BuildNamespace namespace;

    EnvironmentPruner(EnvironmentLayout layout, EnvironmentStore store, BuildNamespace namespace) {
        this.layout = layout;
        this.store = store;
        this.namespace = namespace;
    }

    /** Deletes what killed builds have left, under the build lock, and returns how many bytes that were. */
    long deleteBuildStaging() {
        return deleteStaging(EnvironmentLayout.STAGING_PREFIX + ".");
    }

    /** Deletes what killed unpackings have left, under the tree lock, and returns how many bytes that were. */
    long deleteTreeStaging() {
        return deleteStaging(EnvironmentLayout.TREE_STAGING_PREFIX + ".");
    }

    private long deleteStaging(String prefix) {
        long freed = 0;
        for (Path staged : children(layout.paths().staging())) {
            if (staged.getFileName().toString().startsWith(prefix)) {
                freed += DiskUsage.allocatedBytes(staged);
                namespace.deleteTree(staged, DELETE_TIMEOUT);
            }
        }
        return freed;
    }

    /** Does what {@link EnvironmentStore#prune} says, under the index lock. */
    EnvironmentStore.PruneResult prune(boolean all, Predicate<String> digestInUse) {
        Set<Path> kept = all ? Set.of() : current();
        List<Path> deleted = new ArrayList<>();
        long freed = 0;
        for (Path directory : children(layout.paths().environments())) {
            if (EnvironmentLayout.isDirectoryName(directory.getFileName().toString())
                    && !kept.contains(directory)
                    && !isTooNew(directory)) {
                Optional<Long> bytes = deleteUnlessUsed(directory, digestInUse);
                if (bytes.isPresent()) {
                    deleted.add(directory);
                    freed += bytes.get();
                }
            }
        }
        deleteDanglingNames();
        freed += deleteLeftovers();
        return new EnvironmentStore.PruneResult(deleted, freed);
    }

    /** Returns the folders of the environments that a name stands for and that are whole. */
    private Set<Path> current() {
        Set<Path> directories = new HashSet<>();
        for (CatalogueEntry entry : store.catalogue().entries()) {
            try {
                store.find(entry.name()).ifPresent(installed -> directories.add(installed.directory()));
            } catch (PyroException e) {
                if (e.code() != ErrorCode.RECORD_TOO_NEW) {
                    throw e;
                }
            }
        }
        return directories;
    }

    /** What a newer Pyro has made is its to delete. */
    private boolean isTooNew(Path directory) {
        try {
            store.open(directory);
            return false;
        } catch (PyroException e) {
            if (e.code() == ErrorCode.RECORD_TOO_NEW) {
                return true;
            }
            throw e;
        }
    }

    private Optional<Long> deleteUnlessUsed(Path directory, Predicate<String> digestInUse) {
        String digest = EnvironmentLayout.digestOf(directory);
        if (digestInUse.test(digest)) {
            return Optional.empty();
        }
        long bytes = DiskUsage.allocatedBytes(directory);
        Path staged = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.STAGING_PREFIX);
        Path doomed = staged.resolve(directory.getFileName());
        AtomicFiles.publish(directory, doomed);
        // From here on nobody finds it. Whoever found it before has recorded the use by now, or will not find the
        // image.
        if (digestInUse.test(digest)) {
            AtomicFiles.publish(doomed, directory);
            AtomicFiles.deleteTree(staged);
            return Optional.empty();
        }
        namespace.deleteTree(staged, DELETE_TIMEOUT);
        return Optional.of(bytes);
    }

    private void deleteDanglingNames() {
        for (Path name : children(layout.names())) {
            try {
                if (!Files.isDirectory(layout.directory(EnvironmentManifest.readNamedDigest(name)))) {
                    AtomicFiles.deleteTree(name);
                }
            } catch (JsonFormatException e) {
                AtomicFiles.deleteTree(name);
            } catch (IOException e) {
                throw AtomicFiles.failure("read", name, e);
            } catch (PyroException e) {
                if (e.code() != ErrorCode.RECORD_TOO_NEW) {
                    throw e;
                }
            }
        }
    }

    /** Left-overs and packages stay while somebody builds; his own build cleans up after others. */
    private long deleteLeftovers() {
        long freed = 0;
        Optional<InterProcessLock> building = InterProcessLock.tryAcquire(layout.buildLock());
        if (building.isPresent()) {
            try (InterProcessLock _ = building.get()) {
                freed += deleteBuildStaging();
                if (Files.exists(layout.packages())) {
                    freed += DiskUsage.allocatedBytes(layout.packages());
                    namespace.deleteTree(layout.packages(), DELETE_TIMEOUT);
                }
            }
        }
        Optional<InterProcessLock> unpacking = InterProcessLock.tryAcquire(layout.treeLock());
        if (unpacking.isPresent()) {
            try (InterProcessLock _ = unpacking.get()) {
                freed += deleteTreeStaging();
            }
        }
        return freed;
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", folder, e);
        }
    }
}
