package dev.pyro.environment;

import dev.pyro.disk.DiskUsage;
import dev.pyro.json.JsonFormatException;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PrunedEnvironments.Deleted;
import dev.pyro.model.PyroException;
import dev.pyro.oci.BlobStore;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Deletes what environments and images leave behind, or only tells what that is. Roots are the names and what machines use; an image
 * is kept as long as its environment is, and a blob as long as an image is made of it.
 */
final class EnvironmentPruner {
    private final EnvironmentLayout layout;
    private final BlobStore blobs;
    private final BuildNamespace namespace;
    private final Staging staging;
    private final boolean dryRun;

    EnvironmentPruner(EnvironmentLayout layout, BlobStore blobs, BuildNamespace namespace, boolean dryRun) {
        this.layout = layout;
        this.blobs = blobs;
        this.namespace = namespace;
        this.staging = new Staging(layout, namespace);
        this.dryRun = dryRun;
    }

    /** Does what {@link EnvironmentStore#prune} says. */
    PrunedEnvironments prune(boolean all, Predicate<String> digestInUse) {
        try (InterProcessLock _ = EnvironmentPublisher.lockIndex(layout)) {
            List<Deleted> environments = pruneEnvironments(all, digestInUse);
            Set<Path> gone = new HashSet<>();
            environments.forEach(deleted -> gone.add(deleted.path()));
            pruneNames(gone);
            Images images = pruneImages(gone);
            BlobStore.PrunedBlobs layers = pruneBlobs(images, all);
            long freed = environments.stream().mapToLong(Deleted::bytes).sum() + layers.bytes() + leftovers();
            return new PrunedEnvironments(
                    dryRun, environments, images.deleted(), layers.blobs(), layers.bytes(), List.of(), freed);
        }
    }

    private List<Deleted> pruneEnvironments(boolean all, Predicate<String> digestInUse) {
        Set<Path> kept = all ? Set.of() : named();
        List<Deleted> deleted = new ArrayList<>();
        for (Path directory : Staging.children(layout.paths().environments())) {
            if (EnvironmentLayout.isDirectoryName(directory.getFileName().toString())
                    && !kept.contains(directory)
                    && !isTooNew(directory)) {
                deleteUnlessUsed(directory, digestInUse).ifPresent(deleted::add);
            }
        }
        return deleted;
    }

    /** Returns the folders of the environments that a name stands for and that are whole. */
    private Set<Path> named() {
        Set<Path> directories = new HashSet<>();
        for (Path file : nameFiles()) {
            try {
                EnvironmentNames.read(file)
                        .flatMap(named -> EnvironmentFolders.find(layout, named))
                        .ifPresent(found -> directories.add(found.directory()));
            } catch (PyroException e) {
                requireTooNew(e);
            }
        }
        return directories;
    }

    /** Others than these are what a killed process was about to rename to one. */
    private List<Path> nameFiles() {
        return Staging.children(layout.names()).stream()
                .filter(file -> !isTemporary(file))
                .toList();
    }

    private static boolean isTemporary(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    /** What a newer Pyro has made is its to delete. */
    private static boolean isTooNew(Path directory) {
        try {
            EnvironmentFolders.open(directory);
            return false;
        } catch (PyroException e) {
            requireTooNew(e);
            return true;
        }
    }

    private static void requireTooNew(PyroException e) {
        if (e.code() != ErrorCode.RECORD_TOO_NEW) {
            throw e;
        }
    }

    private Optional<Deleted> deleteUnlessUsed(Path directory, Predicate<String> digestInUse) {
        String digest = EnvironmentLayout.digestOf(directory);
        if (digestInUse.test(digest)) {
            return Optional.empty();
        }
        Deleted deleted = new Deleted(directory, DiskUsage.allocatedBytes(directory));
        if (dryRun) {
            return Optional.of(deleted);
        }
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
        Leftovers.delete(namespace, staged);
        return Optional.of(deleted);
    }

    private boolean isThere(String digest, Set<Path> gone) {
        Path directory = layout.directory(digest);
        return Files.isDirectory(directory) && !gone.contains(directory);
    }

    private void pruneNames(Set<Path> gone) {
        for (Path file : Staging.children(layout.names())) {
            try {
                if (isTemporary(file) || !isThere(NamedEnvironment.read(file).digest(), gone)) {
                    delete(file);
                }
            } catch (JsonFormatException e) {
                delete(file);
            } catch (IOException e) {
                throw AtomicFiles.failure("read", file, e);
            } catch (PyroException e) {
                requireTooNew(e);
            }
        }
    }

    /**
     * The records of images.
     *
     * @param deleted how many of them went
     * @param blobs the digests that those that are left need
     * @param allKnown whether each of them could be read
     */
    private record Images(int deleted, Set<String> blobs, boolean allKnown) {}

    private Images pruneImages(Set<Path> gone) {
        int deleted = 0;
        Set<String> needed = new HashSet<>();
        boolean allKnown = true;
        for (Path file : Staging.children(layout.images())) {
            try {
                if (isTemporary(file)) {
                    delete(file);
                    continue;
                }
                ImageRecord record = ImageRecord.read(file);
                if (isThere(record.treeDigest(), gone)) {
                    needed.addAll(record.blobs());
                } else {
                    delete(file);
                    deleted++;
                }
            } catch (JsonFormatException e) {
                delete(file);
                deleted++;
            } catch (IOException e) {
                throw AtomicFiles.failure("read", file, e);
            } catch (PyroException e) {
                requireTooNew(e);
                allKnown = false;
            }
        }
        return new Images(deleted, needed, allKnown);
    }

    /** Blobs stay while somebody unpacks an image: he has no record yet that would say which of them he reads. */
    private BlobStore.PrunedBlobs pruneBlobs(Images images, boolean all) {
        Optional<InterProcessLock> unpacking = InterProcessLock.tryAcquire(layout.imageLock());
        if (unpacking.isEmpty()) {
            return new BlobStore.PrunedBlobs(0, 0);
        }
        try (InterProcessLock _ = unpacking.get()) {
            return blobs.prune(digest -> !images.allKnown() || images.blobs().contains(digest), all, dryRun);
        }
    }

    /** Left-overs and packages stay while somebody builds; his own build cleans up after others. */
    private long leftovers() {
        return ifFree(layout.buildLock(), () -> deleteStaging(EnvironmentLayout.STAGING_PREFIX) + deletePackages())
                + ifFree(layout.imageLock(), () -> deleteStaging(EnvironmentLayout.IMAGE_STAGING_PREFIX))
                + ifFree(layout.layerLock(), () -> deleteStaging(EnvironmentLayout.LAYER_STAGING_PREFIX))
                + ifFree(layout.dockerfileLock(), () -> deleteStaging(EnvironmentLayout.DOCKERFILE_STAGING_PREFIX))
                + ifFree(layout.treeLock(), () -> deleteStaging(EnvironmentLayout.TREE_STAGING_PREFIX));
    }

    private static long ifFree(Path lockFile, LongSupplier work) {
        Optional<InterProcessLock> free = InterProcessLock.tryAcquire(lockFile);
        if (free.isEmpty()) {
            return 0;
        }
        try (InterProcessLock _ = free.get()) {
            return work.getAsLong();
        }
    }

    private long deleteStaging(String prefix) {
        return dryRun
                ? staging.leftovers(prefix).stream()
                        .mapToLong(DiskUsage::allocatedBytes)
                        .sum()
                : staging.delete(prefix);
    }

    private long deletePackages() {
        if (!Files.exists(layout.packages())) {
            return 0;
        }
        long bytes = DiskUsage.allocatedBytes(layout.packages());
        if (!dryRun) {
            Leftovers.delete(namespace, layout.packages());
        }
        return bytes;
    }

    private void delete(Path file) {
        if (!dryRun) {
            AtomicFiles.deleteTree(file);
        }
    }
}
