package dev.pyro.environment;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.MediaTypes;
import dev.pyro.oci.Sha256;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes a folder in the form of the OCI image layout, for a program of the host to read: its blobs are further names of those in the store.
 * Stateless.
 */
final class ImageLayout {
    /** The tag of its only image. */
    static final String TAG = "base";

    private static final String TAG_ANNOTATION = "org.opencontainers.image.ref.name";

    private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
    private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    private ImageLayout() {}

    /**
     * Makes the folder.
     *
     * @param folder does not exist yet; on the file system of the store
     * @param manifest what the image consists of; its media types may be any: what a layer is its first bytes tell
     * @param config its configuration's file
     * @param layers its layers' files, lowest first
     */
    static void write(Path folder, ImageManifest manifest, Path config, List<Path> layers) {
        List<Descriptor> described = new ArrayList<>();
        try {
            Path blobs = Files.createDirectories(folder.resolve("blobs").resolve("sha256"));
            Descriptor configuration = with(manifest.config(), MediaTypes.OCI_CONFIG);
            link(blobs, manifest.config(), config);
            for (int i = 0; i < layers.size(); i++) {
                Descriptor layer = manifest.layers().get(i);
                described.add(with(layer, layerType(layers.get(i))));
                link(blobs, layer, layers.get(i));
            }
            byte[] bytes = EnvironmentImage.manifest(configuration, described).getBytes(StandardCharsets.UTF_8);
            Descriptor whole = new Descriptor(MediaTypes.OCI_MANIFEST, Sha256.of(bytes), bytes.length);
            Files.write(blobs.resolve(Sha256.hex(whole.digest())), bytes);
            Files.writeString(folder.resolve("index.json"), Json.write(index(whole)), StandardCharsets.UTF_8);
            Files.writeString(
                    folder.resolve("oci-layout"),
                    Json.write(JsonObject.builder()
                            .put("imageLayoutVersion", "1.0.0")
                            .build()));
        } catch (IOException e) {
            throw AtomicFiles.failure("write", folder, e);
        }
    }

    private static JsonObject index(Descriptor manifest) {
        return JsonObject.builder()
                .put("schemaVersion", 2)
                .put(
                        "manifests",
                        new JsonArray(List.of(JsonObject.builder()
                                .put("mediaType", manifest.mediaType())
                                .put("digest", manifest.digest())
                                .put("size", manifest.size())
                                .put(
                                        "annotations",
                                        JsonObject.builder()
                                                .put(TAG_ANNOTATION, TAG)
                                                .build())
                                .build())))
                .build();
    }

    private static void link(Path blobs, Descriptor blob, Path file) throws IOException {
        try {
            Files.createLink(blobs.resolve(Sha256.hex(blob.digest())), file);
        } catch (FileAlreadyExistsException e) {
            // An image may have the same layer twice.
            return;
        }
    }

    private static Descriptor with(Descriptor descriptor, String mediaType) {
        return new Descriptor(mediaType, descriptor.digest(), descriptor.size());
    }

    private static String layerType(Path layer) throws IOException {
        try (InputStream stream = Files.newInputStream(layer)) {
            byte[] first = stream.readNBytes(ZSTD_MAGIC.length);
            if (Arrays.equals(first, ZSTD_MAGIC)) {
                return MediaTypes.OCI_LAYER + "+zstd";
            }
            return Arrays.equals(Arrays.copyOf(first, GZIP_MAGIC.length), GZIP_MAGIC)
                    ? MediaTypes.OCI_LAYER_GZIP
                    : MediaTypes.OCI_LAYER;
        }
    }
}
