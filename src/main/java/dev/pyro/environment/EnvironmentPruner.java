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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Deletes what environments and images leave behind, or only tells what that is. Roots are the names and what machines use; an image
 * is kept as long as its environment is, and a blob as long as an image is made of it.
 */
final class EnvironmentPruner {
    /** How long another one may delete: he has as much to do. */
    private static final Duration DELETE_WAIT = Duration.ofMinutes(30);

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
        // First what takes no more than to delete it: the disk may be full.
        long leftovers = leftovers();
        Index index;
        BlobStore.PrunedBlobs layers;
        boolean images = Files.exists(layout.paths().oci());
        // Whoever unpacks an image has no record yet that would say which blobs he reads.
        Optional<InterProcessLock> nobodyUnpacks =
                images ? InterProcessLock.tryAcquire(layout.imageLock()) : Optional.empty();
        try {
            index = pruneIndex(all, digestInUse);
            layers = nobodyUnpacks.isPresent()
                    ? blobs.prune(index.images()::needs, all, dryRun)
                    : new BlobStore.PrunedBlobs(0, 0);
        } finally {
            nobodyUnpacks.ifPresent(InterProcessLock::close);
        }
        Trees trees = deleteTrees(index);
        return new PrunedEnvironments(
                dryRun,
                trees.environments(),
                index.images().deleted(),
                layers.blobs(),
                layers.bytes(),
                images && nobodyUnpacks.isEmpty(),
                List.of(),
                leftovers + layers.bytes() + trees.bytes());
    }

    /**
     * What is decided under the lock of the list of environments, and done after it was let go: to delete large trees takes long.
     *
     * @param doomed where the environments are that are to be deleted, by where they were
     * @param remains environments that somebody else had doomed, who may be dead
     * @param images what became of the records of images
     */
    private record Index(SortedMap<Path, Path> doomed, List<Path> remains, Images images) {}

    private Index pruneIndex(boolean all, Predicate<String> digestInUse) {
        try (InterProcessLock _ = EnvironmentPublisher.lockIndex(layout)) {
            // Whoever still asks whether one is in use holds this lock: none of these comes back.
            List<Path> remains = Staging.children(layout.paths().environments()).stream()
                    .filter(child ->
                            EnvironmentLayout.isDoomedName(child.getFileName().toString()))
                    .toList();
            SortedMap<Path, Path> doomed = doomEnvironments(all, digestInUse);
            pruneNames(doomed.keySet(), all);
            return new Index(doomed, remains, pruneImages(doomed.keySet()));
        }
    }

    private SortedMap<Path, Path> doomEnvironments(boolean all, Predicate<String> digestInUse) {
        Set<Path> kept = all ? Set.of() : named();
        SortedMap<Path, Path> doomed = new TreeMap<>();
        for (Path directory : Staging.children(layout.paths().environments())) {
            if (EnvironmentLayout.isDirectoryName(directory.getFileName().toString())
                    && !kept.contains(directory)
                    && !isTooNew(directory)) {
                doomUnlessUsed(directory, digestInUse).ifPresent(hidden -> doomed.put(directory, hidden));
            }
        }
        return doomed;
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

    private Optional<Path> doomUnlessUsed(Path directory, Predicate<String> digestInUse) {
        String digest = EnvironmentLayout.digestOf(directory);
        if (digestInUse.test(digest)) {
            return Optional.empty();
        }
        if (dryRun) {
            return Optional.of(directory);
        }
        Path doomed = EnvironmentLayout.doomed(directory);
        AtomicFiles.publish(directory, doomed);
        // From here on nobody finds it. Whoever found it before has recorded the use by now, or will not find the
        // image.
        boolean used = true;
        try {
            used = digestInUse.test(digest);
        } finally {
            if (used) {
                AtomicFiles.publish(doomed, directory);
            }
        }
        return used ? Optional.empty() : Optional.of(doomed);
    }

    /**
     * Environments that are deleted.
     *
     * @param bytes how much of the disk they took, and what others had left
     */
    private record Trees(List<Deleted> environments, long bytes) {}

    private Trees deleteTrees(Index index) {
        if (dryRun || (index.doomed().isEmpty() && index.remains().isEmpty())) {
            return deleteOneByOne(index);
        }
        try (InterProcessLock _ = InterProcessLock.acquire(
                layout.indexLock(), EnvironmentLayout.DOOMED, "the deletion of environments", DELETE_WAIT, () -> {})) {
            return deleteOneByOne(index);
        }
    }

    private Trees deleteOneByOne(Index index) {
        List<Deleted> environments = new ArrayList<>();
        index.doomed().forEach((directory, hidden) -> environments.add(new Deleted(directory, deleteTree(hidden))));
        long bytes = environments.stream().mapToLong(Deleted::bytes).sum();
        for (Path remains : index.remains()) {
            bytes += deleteTree(remains);
        }
        return new Trees(environments, bytes);
    }

    private long deleteTree(Path tree) {
        if (!Files.exists(tree)) {
            return 0;
        }
        long bytes;
        try {
            bytes = DiskUsage.allocatedBytes(tree);
        } catch (PyroException e) {
            if (dryRun && !Files.exists(tree)) {
                return 0; // Another clean-up has deleted it meanwhile.
            }
            throw e;
        }
        if (!dryRun) {
            Leftovers.delete(namespace, tree);
        }
        return bytes;
    }

    private boolean isThere(String digest, Set<Path> gone) {
        Path directory = layout.directory(digest);
        return Files.isDirectory(directory) && !gone.contains(directory);
    }

    private void pruneNames(Set<Path> gone, boolean all) {
        for (Path file : Staging.children(layout.names())) {
            try {
                if (isTemporary(file) || isOfNoUse(NamedEnvironment.read(file), gone, all)) {
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

    /** What a reference stood for is known until somebody pulls it again, or wants to begin anew. */
    private boolean isOfNoUse(NamedEnvironment named, Set<Path> gone, boolean all) {
        return !isThere(named.digest(), gone) && (all || !named.pins());
    }

    /**
     * The records of images.
     *
     * @param deleted how many of them went
     * @param blobs the digests that those that are left need
     * @param allKnown whether each of them could be read
     */
    private record Images(int deleted, Set<String> blobs, boolean allKnown) {
        boolean needs(String digest) {
            return !allKnown || blobs.contains(digest);
        }
    }

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

    /** Left-overs and packages stay while somebody builds; his own build cleans up after others. */
    private long leftovers() {
        long packages =
                Files.exists(layout.packages()) ? ifFree(layout.buildLock(), () -> deleteTree(layout.packages())) : 0;
        return packages
                + leftovers(layout.buildLock(), EnvironmentLayout.STAGING_PREFIX)
                + leftovers(layout.imageLock(), EnvironmentLayout.IMAGE_STAGING_PREFIX)
                + leftovers(layout.layerLock(), EnvironmentLayout.LAYER_STAGING_PREFIX)
                + leftovers(layout.dockerfileLock(), EnvironmentLayout.DOCKERFILE_STAGING_PREFIX)
                + leftovers(layout.treeLock(), EnvironmentLayout.TREE_STAGING_PREFIX);
    }

    /** Where there are none, no lock is asked for: its file may not be there yet, and a full disk has no room for it. */
    private long leftovers(Path lockFile, String prefix) {
        return staging.leftovers(prefix).isEmpty() ? 0 : ifFree(lockFile, () -> deleteStaging(prefix));
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

    private void delete(Path file) {
        if (!dryRun) {
            AtomicFiles.deleteTree(file);
        }
    }
}
