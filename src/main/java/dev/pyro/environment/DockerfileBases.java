package dev.pyro.environment;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.ImageSource;
import dev.pyro.oci.LocalImage;
import dev.pyro.oci.RegistryReference;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings the images that a Dockerfile begins with, as layouts in a staging folder: environments of Pyro's own are packed, others are fetched with Pyro's
 * credentials, mirrors and authorities, and stay in the store of blobs.
 *
 * @param store what a name means
 * @param stage the staging folder
 * @param options how registries are reached
 * @param listener hears of the downloads
 */
record DockerfileBases(EnvironmentStore store, Path stage, RegistryOptions options, Progress.Listener listener) {
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
            case EnvironmentRequest.Imaged(ImageReference reference, String _) -> {
                if (!(reference instanceof RegistryReference)) {
                    return false;
                }
                fetch(reference, folder);
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

    private void fetch(ImageReference reference, Path folder) {
        try (ImageSource source = store.images().sources().open(reference, options)) {
            ImageManifest manifest = source.resolve(listener);
            LocalImage image = source.fetch(manifest, listener);
            Path config = store.images()
                    .blobs()
                    .find(manifest.config())
                    .orElseThrow(() -> new PyroException(
                            ErrorCode.STORAGE_UNUSABLE,
                            "the configuration of " + reference.familiar()
                                    + " was deleted while it was needed; run it again"));
            ImageLayout.write(folder, manifest, config, image.layers());
        }
    }
}
