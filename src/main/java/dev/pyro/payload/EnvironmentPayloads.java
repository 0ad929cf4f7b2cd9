package dev.pyro.payload;

import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.PrunedEnvironments;
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
                .put("oci_registry", (String) null)
                .put("oci_repository", (String) null)
                .put("oci_reference", (String) null)
                .put("source", installed == null ? null : installed.source())
                .put("digest", installed == null ? null : installed.digest())
                .putNullable("size_bytes", installed == null ? null : installed.sizeBytes())
                .build();
    }

    /** The payload of {@code env prune}. */
    public static JsonObject pruned(PrunedEnvironments pruned) {
        return JsonObject.builder()
                .put("count", pruned.deletedEnvironmentDirs().size())
                .put(
                        "deleted_environment_dirs",
                        JsonArray.ofStrings(pruned.deletedEnvironmentDirs().stream()
                                .map(Path::toString)
                                .toList()))
                .put("freed_bytes", pruned.freedBytes())
                .build();
    }

    private static @Nullable String path(@Nullable Path path) {
        return path == null ? null : path.toString();
    }
}
