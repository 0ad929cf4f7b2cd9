package dev.pyro.payload;

import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.Environment.Registry;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PrunedEnvironments.Deleted;
import dev.pyro.model.PushedEnvironment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The payloads about environments. Stateless. */
public final class EnvironmentPayloads {
    private EnvironmentPayloads() {}

    /** The payload of {@code env list}. */
    public static JsonObject catalogue(EnvironmentCatalogue catalogue) {
        return JsonObject.builder()
                .put("catalog_version", catalogue.catalogVersion())
                .put(
                        "environments",
                        new JsonArray(List.copyOf(catalogue.environments().stream()
                                .map(EnvironmentPayloads::environment)
                                .toList())))
                .build();
    }

    /** The payload of {@code env pull} and {@code env inspect}. */
    public static JsonObject environment(Environment environment) {
        Installation installed = environment.installation();
        Registry registry = environment.registry();
        return JsonObject.builder()
                .put("name", environment.name())
                .put("version", environment.version())
                .put("description", environment.description())
                .put("distribution", environment.distribution())
                .put("distribution_version", environment.distributionVersion())
                .put("default_packages", JsonArray.ofStrings(environment.defaultPackages()))
                .put("installed", installed != null)
                .put("cache_dir", environment.cacheDir().toString())
                .put("install_dir", installed == null ? null : path(installed.installDir()))
                .put("install_manifest", installed == null ? null : path(installed.installManifest()))
                .put("kernel_image", installed == null ? null : path(installed.kernelImage()))
                .put("rootfs_image", installed == null ? null : path(installed.rootfsImage()))
                .put("oci_registry", registry == null ? null : registry.host())
                .put("oci_repository", registry == null ? null : registry.repository())
                .put("oci_reference", registry == null ? null : registry.reference())
                .put("source", installed == null ? null : installed.source())
                .put("digest", installed == null ? null : installed.digest())
                .put("image_digest", installed == null ? null : installed.imageDigest())
                .putNullable("size_bytes", installed == null ? null : installed.sizeBytes())
                .build();
    }

    /** The payload of {@code env push}. */
    public static JsonObject pushed(PushedEnvironment pushed) {
        return JsonObject.builder()
                .put("environment", pushed.environment())
                .put("reference", pushed.reference())
                .put("digest", pushed.digest())
                .put("image_digest", pushed.imageDigest())
                .put("size_bytes", pushed.sizeBytes())
                .put("uploaded_bytes", pushed.uploadedBytes())
                .build();
    }

    /** The payload of {@code env prune}. */
    public static JsonObject pruned(PrunedEnvironments pruned) {
        return JsonObject.builder()
                .put("count", pruned.environments().size())
                .put(
                        "deleted_environment_dirs",
                        JsonArray.ofStrings(pruned.environmentDirs().stream()
                                .map(Path::toString)
                                .toList()))
                .put("deleted_environment_bytes", bytes(pruned.environments()))
                .put("deleted_images", pruned.images())
                .put("deleted_blobs", pruned.layers())
                .put("deleted_blob_bytes", pruned.layerBytes())
                .put("blobs_skipped", pruned.layersSkipped())
                .put("deleted_templates", pruned.templates().size())
                .put("deleted_template_bytes", bytes(pruned.templates()))
                .put("freed_bytes", pruned.freedBytes())
                .put("dry_run", pruned.dryRun())
                .build();
    }

    private static long bytes(List<Deleted> deleted) {
        return deleted.stream().mapToLong(Deleted::bytes).sum();
    }

    private static @Nullable String path(@Nullable Path path) {
        return path == null ? null : path.toString();
    }
}
