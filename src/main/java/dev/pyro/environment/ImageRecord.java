package dev.pyro.environment;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.PyroException;
import dev.pyro.oci.ImageManifest;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An image that was unpacked: the record in {@code oci/images}. It says that nothing need be fetched or unpacked for this manifest, and
 * which blobs are worth keeping. It grows by optional fields only.
 *
 * @param manifestDigest the digest of its manifest
 * @param treeDigest the digest of the environment that it makes
 * @param configDigest the digest of its configuration's blob
 * @param layers its layers, lowest first
 * @param settings how commands run in it
 * @param others what else of its configuration an image has that is made of it; absent in a record means that there is nothing
 * @param createdAt when it was unpacked, in epoch seconds
 * @param packed whether its layer was made on this host, of the environment; absent in a record means that it was not
 */
record ImageRecord(
        String manifestDigest,
        String treeDigest,
        String configDigest,
        List<Layer> layers,
        ImageSettings settings,
        JsonObject others,
        long createdAt,
        boolean packed) {
    private static final int FORMAT_VERSION = 1;

    ImageRecord {
        layers = List.copyOf(layers);
        requireDigest(manifestDigest);
        requireDigest(treeDigest);
        requireDigest(configDigest);
    }

    /**
     * A layer as it is fetched.
     *
     * @param digest the digest of the blob
     * @param size its bytes
     */
    record Layer(String digest, long size) {
        Layer {
            requireDigest(digest);
        }
    }

    static ImageRecord of(
            ImageManifest manifest,
            String treeDigest,
            ImageSettings settings,
            JsonObject others,
            long createdAt,
            boolean packed) {
        return new ImageRecord(
                manifest.digest(),
                treeDigest,
                manifest.config().digest(),
                manifest.layers().stream()
                        .map(layer -> new Layer(layer.digest(), layer.size()))
                        .toList(),
                settings,
                others,
                createdAt,
                packed);
    }

    /** Returns the digests of the blobs that it consists of. */
    Set<String> blobs() {
        Set<String> blobs = new HashSet<>(Set.of(configDigest));
        layers.forEach(layer -> blobs.add(layer.digest()));
        return blobs;
    }

    String toJson() {
        List<JsonValue> blobs = new ArrayList<>();
        layers.forEach(layer -> blobs.add(JsonObject.builder()
                .put("digest", layer.digest())
                .put("size", layer.size())
                .build()));
        return Json.writePretty(JsonObject.builder()
                        .put("format_version", FORMAT_VERSION)
                        .put("manifest_digest", manifestDigest)
                        .put("tree_digest", treeDigest)
                        .put("config_digest", configDigest)
                        .put("layers", new JsonArray(blobs))
                        .put("config", ImageSettingsJson.write(settings))
                        .put("other_config", others)
                        .put("created_at", createdAt)
                        .put("packed", packed)
                        .build())
                + "\n";
    }

    /** Reads a record; empty when there is none, when it is damaged, or when a newer Pyro wrote it: then the image has to be made again. */
    static Optional<ImageRecord> find(Path file) {
        try {
            return Optional.of(read(file));
        } catch (IOException | JsonFormatException e) {
            return Optional.empty();
        } catch (PyroException e) {
            if (e.code() == ErrorCode.RECORD_TOO_NEW) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Reads a record.
     *
     * @throws IOException when there is none
     * @throws JsonFormatException when it is damaged
     * @throws PyroException {@link ErrorCode#RECORD_TOO_NEW}
     */
    static ImageRecord read(Path file) throws IOException {
        JsonReader json = RecordFile.read(file, FORMAT_VERSION);
        List<Layer> layers = new ArrayList<>();
        for (JsonValue value : json.array("layers")) {
            if (!(value instanceof JsonObject object)) {
                throw new JsonFormatException("a layer is not an object");
            }
            JsonReader layer = new JsonReader(object);
            layers.add(new Layer(layer.string("digest"), layer.number("size")));
        }
        return new ImageRecord(
                json.string("manifest_digest"),
                json.string("tree_digest"),
                json.string("config_digest"),
                layers,
                ImageSettingsJson.read(json.object("config")),
                json.find("other_config").isPresent()
                        ? json.object("other_config").object()
                        : new JsonObject(Map.of()),
                json.number("created_at"),
                json.find("packed").isPresent() && json.bool("packed"));
    }

    private static void requireDigest(String digest) {
        if (!EnvironmentLayout.isDigest(digest)) {
            throw new JsonFormatException("\"" + digest + "\" is no digest");
        }
    }
}
