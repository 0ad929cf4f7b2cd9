package dev.pyro.environment;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.BlobStore;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.ImageSource;
import dev.pyro.oci.LocalImage;
import dev.pyro.oci.MediaTypes;
import dev.pyro.oci.RegistryReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings the images that a Dockerfile begins with, copies from and mounts, as layouts in a staging folder: environments of Pyro's own are packed, others are fetched with Pyro's
 * credentials, mirrors and authorities, and stay in the store of blobs.
 *
 * @param store what a name means
 * @param stage the staging folder
 * @param options how registries are reached
 * @param listener hears of the downloads
 */
record DockerfileBases(EnvironmentStore store, Path stage, RegistryOptions options, Progress.Listener listener) {
    /** Whoever cleans up more often between a download and its use has to wait. */
    private static final int MAX_ROUNDS = 3;

    /** Returns, by the words of the file, where each image is: {@code DIR:TAG}. Those that this host reads itself are not among them. */
    Map<String, String> of(List<DockerfileImages.Base> images) {
        Map<String, String> places = new LinkedHashMap<>();
        for (DockerfileImages.Base image : images) {
            Path folder = stage.resolve("base-" + places.size());
            if (bring(image.name(), folder)) {
                places.put(image.written(), folder + ":" + ImageLayout.TAG);
            }
        }
        return places;
    }

    private boolean bring(String name, Path folder) {
        Optional<EnvironmentRequest> request = request(name);
        if (request.isEmpty()) {
            return false;
        }
        switch (request.get()) {
            case EnvironmentRequest.Imaged imaged -> {
                if (!(imaged.reference() instanceof RegistryReference)) {
                    return false;
                }
                bring(imaged, folder);
            }
            case EnvironmentRequest.Catalogued _, EnvironmentRequest.Built _ -> {
                InstalledEnvironment installed = store.ensureInstalled(name, options, listener);
                EnvironmentExporter.Exported exported = store.exporter().export(installed, listener);
                ImageLayout.write(folder, exported.image().manifest(), exported.config(), List.of(exported.layer()));
            }
        }
        return true;
    }

    /** What can be no environment may be something that buildah knows; if not, it says so. */
    private Optional<EnvironmentRequest> request(String name) {
        try {
            return Optional.of(store.require(name));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.UNKNOWN_ENVIRONMENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** An image whose blobs are in the store, until somebody cleans up there. */
    private record Found(ImageManifest manifest, Path config, List<Path> layers) {
        boolean isThere() {
            return Files.exists(config) && layers.stream().allMatch(Files::exists);
        }
    }

    /** What was installed once is the same here; only {@code env pull} asks what the reference stands for now. */
    private void bring(EnvironmentRequest.Imaged imaged, Path folder) {
        ImageReference reference = store.pinned(imaged);
        for (int round = 1; ; round++) {
            Optional<Found> image = onRecord(reference);
            if (image.isEmpty()) {
                image = fetch(imaged, reference);
            }
            try {
                if (image.isPresent()) {
                    ImageLayout.write(
                            folder,
                            image.get().manifest(),
                            image.get().config(),
                            image.get().layers());
                    return;
                }
            } catch (PyroException e) {
                if (image.get().isThere()) {
                    throw e;
                }
            }
            if (round == MAX_ROUNDS) {
                throw new PyroException(
                        ErrorCode.STORAGE_UNUSABLE,
                        "blobs of " + reference.familiar() + " were deleted " + MAX_ROUNDS
                                + " times while they were needed; run it again when no `pyro env prune` runs");
            }
        }
    }

    /** Returns an image that was unpacked here before and whose blobs are all still in the store, and intact: nobody need be asked. */
    private Optional<Found> onRecord(ImageReference reference) {
        if (!(reference instanceof RegistryReference registry) || registry.digest() == null) {
            return Optional.empty();
        }
        return ImageRecord.find(store.layout().imageRecord(registry.digest()))
                .filter(record -> record.manifestDigest().equals(registry.digest()))
                .flatMap(this::found);
    }

    private Optional<Found> found(ImageRecord record) {
        BlobStore blobs = store.images().blobs();
        Optional<Descriptor> config = blobs.describe(MediaTypes.OCI_CONFIG, record.configDigest());
        List<Descriptor> layers = record.layers().stream()
                .map(layer -> new Descriptor(MediaTypes.OCI_LAYER, layer.digest(), layer.size()))
                .toList();
        List<Path> files = layers.stream()
                .flatMap(layer -> blobs.findIntact(layer).stream())
                .toList();
        return files.size() < layers.size()
                ? Optional.empty()
                : config.flatMap(descriptor -> blobs.findIntact(descriptor)
                        .map(file -> new Found(
                                new ImageManifest(record.manifestDigest(), descriptor, layers), file, files)));
    }

    private Optional<Found> fetch(EnvironmentRequest.Imaged imaged, ImageReference reference) {
        try (ImageSource source = store.images().sources().open(reference, options)) {
            ImageManifest manifest = source.resolve(listener);
            LocalImage image = source.fetch(manifest, listener);
            return store.images()
                    .blobs()
                    .find(manifest.config())
                    .map(config -> new Found(manifest, config, image.layers()));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.IMAGE_NOT_FOUND && !reference.equals(imaged.reference())) {
                throw ImageInstaller.withHint(
                        e,
                        "this is what " + imaged.name() + " stood for when it was installed; `pyro env pull "
                                + imaged.name() + "` takes what it stands for now");
            }
            throw e;
        }
    }
}
