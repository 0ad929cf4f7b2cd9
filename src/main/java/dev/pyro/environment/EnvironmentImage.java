package dev.pyro.environment;

import dev.pyro.image.Ext4Layer;
import dev.pyro.json.Json;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.ImageSettings;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.MediaTypes;
import dev.pyro.oci.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/**
 * An environment as an image of one layer: what its configuration and its manifest say. The same environment gives the same image. Immutable.
 *
 * @param configText the configuration
 * @param manifest what it consists of
 * @param manifestText the manifest as its digest is of it
 */
record EnvironmentImage(String configText, ImageManifest manifest, String manifestText) {
    private static final int SCHEMA_VERSION = 2;
    private static final String AUTHOR = "pyro env push";

    /**
     * Returns the image.
     *
     * @param settings how commands run in it, labels included
     * @param others what else its configuration says
     * @param layer its layer
     * @param created when the environment was made
     */
    static EnvironmentImage of(ImageSettings settings, JsonObject others, Ext4Layer.Layer layer, Instant created) {
        String configText = Json.write(JsonObject.builder()
                .put("architecture", "amd64")
                .put("os", "linux")
                .put("created", created.toString())
                .put("config", config(settings, others))
                .put(
                        "rootfs",
                        JsonObject.builder()
                                .put("type", "layers")
                                .put("diff_ids", JsonArray.ofStrings(List.of(layer.diffId())))
                                .build())
                .put(
                        "history",
                        new JsonArray(List.of(JsonObject.builder()
                                .put("created", created.toString())
                                .put("created_by", AUTHOR)
                                .build())))
                .build());
        byte[] config = utf8(configText);
        Descriptor configDescriptor = new Descriptor(MediaTypes.OCI_CONFIG, Sha256.of(config), config.length);
        List<Descriptor> layers = List.of(new Descriptor(MediaTypes.OCI_LAYER_GZIP, layer.digest(), layer.size()));
        String manifestText = manifest(configDescriptor, layers);
        ImageManifest manifest = new ImageManifest(Sha256.of(utf8(manifestText)), configDescriptor, layers);
        return new EnvironmentImage(configText, manifest, manifestText);
    }

    /** Returns the configuration's bytes. */
    byte[] config() {
        return utf8(configText);
    }

    /** Returns the manifest's bytes. */
    byte[] manifestBytes() {
        return utf8(manifestText);
    }

    /** Returns a manifest's text. */
    static String manifest(Descriptor config, List<Descriptor> layers) {
        return Json.write(JsonObject.builder()
                .put("schemaVersion", SCHEMA_VERSION)
                .put("mediaType", MediaTypes.OCI_MANIFEST)
                .put("config", descriptor(config))
                .put(
                        "layers",
                        new JsonArray(List.copyOf(layers.stream()
                                .map(EnvironmentImage::descriptor)
                                .toList())))
                .build());
    }

    /** Returns a descriptor as manifests have it. */
    static JsonValue descriptor(Descriptor descriptor) {
        return JsonObject.builder()
                .put("mediaType", descriptor.mediaType())
                .put("digest", descriptor.digest())
                .put("size", descriptor.size())
                .build();
    }

    private static JsonObject config(ImageSettings settings, JsonObject others) {
        JsonValue.Builder config = JsonObject.builder();
        others.members().forEach(config::put);
        config.put("Env", JsonArray.ofStrings(settings.env()));
        if (settings.user() != null) {
            config.put("User", settings.user());
        }
        if (settings.workingDir() != null) {
            config.put("WorkingDir", settings.workingDir());
        }
        if (!settings.entrypoint().isEmpty()) {
            config.put("Entrypoint", JsonArray.ofStrings(settings.entrypoint()));
        }
        if (!settings.cmd().isEmpty()) {
            config.put("Cmd", JsonArray.ofStrings(settings.cmd()));
        }
        JsonValue.Builder labels = JsonObject.builder();
        new TreeMap<>(settings.labels()).forEach((name, value) -> labels.put(name, new JsonString(value)));
        return config.put("Labels", labels.build()).build();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
