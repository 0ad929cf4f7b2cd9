package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Brings the blobs of one image into the store, several at a time. For one thread. */
final class BlobFetch {
    /** How many blobs are fetched at a time. */
    static final int PARALLEL = 3;

    /** A clean-up can take blobs away as soon as they are there. */
    private static final int MAX_ROUNDS = 3;

    private final BlobStore store;
    private final String subject;
    private final Progress.Listener listener;

    /** The blobs that hold what they should: fetched here, or read. */
    private final Set<String> intact = ConcurrentHashMap.newKeySet();

    BlobFetch(BlobStore store, String subject, Progress.Listener listener) {
        this.store = store;
        this.subject = subject;
        this.listener = listener;
    }

    /**
     * Fetches what is missing.
     *
     * @param transfers how each blob comes, given who hears of its bytes and notices
     */
    LocalImage fetch(
            ImageManifest manifest, BiFunction<Descriptor, DownloadProgress, BlobDownload.Transfer> transfers) {
        Map<String, Descriptor> blobs = new LinkedHashMap<>();
        blobs.put(manifest.config().digest(), manifest.config());
        manifest.layers().forEach(layer -> blobs.putIfAbsent(layer.digest(), layer));
        Optional<Map<String, Path>> files = Optional.empty();
        for (int round = 0; files.isEmpty(); round++) {
            if (round == MAX_ROUNDS) {
                throw gone(subject);
            }
            fetchMissing(manifest, blobs.values(), transfers);
            files = files(blobs.values());
        }
        Map<String, Path> there = files.get();
        ImageConfig config = ConfigReader.read(
                subject, fileOf(there, manifest.config()), manifest.layers().size());
        return new LocalImage(
                manifest,
                config,
                manifest.layers().stream().map(layer -> fileOf(there, layer)).toList());
    }

    private void fetchMissing(
            ImageManifest manifest,
            Collection<Descriptor> blobs,
            BiFunction<Descriptor, DownloadProgress, BlobDownload.Transfer> transfers) {
        parallel(blobs.stream().filter(blob -> !intact.contains(blob.digest())), this::look);
        List<Descriptor> missing = new ArrayList<>();
        long bytes = 0;
        for (Descriptor blob : blobs) {
            if (!intact.contains(blob.digest()) || store.find(blob).isEmpty()) {
                missing.add(blob);
                bytes += store.missingBytes(blob);
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        store.requireRoom(bytes);
        DownloadProgress progress = new DownloadProgress(
                listener, "pull", subject, blobs.size() - 1, layersThere(manifest, missing), bytes);
        progress.begin();
        parallel(missing.stream(), blob -> fetchOne(blob, transfers.apply(blob, progress), progress, manifest));
    }

    private static void parallel(Stream<Descriptor> blobs, Consumer<Descriptor> task) {
        new ParallelTasks(PARALLEL, "pyro-fetch")
                .run(blobs.map(blob -> (Runnable) () -> task.accept(blob)).toList());
    }

    private void look(Descriptor blob) {
        if (store.findIntact(blob).isPresent()) {
            intact.add(blob.digest());
        }
    }

    /** Returns the files of all blobs; empty when somebody has pruned one meanwhile. */
    private Optional<Map<String, Path>> files(Collection<Descriptor> blobs) {
        Map<String, Path> files = new LinkedHashMap<>();
        for (Descriptor blob : blobs) {
            Optional<Path> file = store.find(blob);
            if (file.isEmpty()) {
                return Optional.empty();
            }
            files.put(blob.digest(), file.get());
        }
        return Optional.of(files);
    }

    private void fetchOne(
            Descriptor blob, BlobDownload.Transfer transfer, DownloadProgress progress, ImageManifest manifest) {
        store.ensure(blob, transfer, () -> progress.notice("waits for another process that fetches the same layer"));
        intact.add(blob.digest());
        if (!blob.digest().equals(manifest.config().digest())) {
            progress.layerDone();
        }
    }

    private static int layersThere(ImageManifest manifest, List<Descriptor> missing) {
        List<String> layers =
                manifest.layers().stream().map(Descriptor::digest).distinct().toList();
        return (int) layers.stream()
                .filter(layer ->
                        missing.stream().noneMatch(blob -> blob.digest().equals(layer)))
                .count();
    }

    private static Path fileOf(Map<String, Path> files, Descriptor blob) {
        return Objects.requireNonNull(files.get(blob.digest()));
    }

    /** Somebody prunes again and again. */
    private static PyroException gone(String subject) {
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "layers of " + subject + " were deleted from the cache while it was fetched; try again when no "
                        + "`pyro env prune` runs");
    }

    /** Says that a manifest is asked for; what makes that long is said the same way. */
    static Consumer<String> resolving(Progress.Listener listener, String subject) {
        listener.onProgress(Progress.of("pull", "resolve", subject));
        return notice -> listener.onProgress(new Progress("pull", "resolve", subject, null, notice));
    }
}
