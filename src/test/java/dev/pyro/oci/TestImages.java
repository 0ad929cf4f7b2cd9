package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Makes OCI image layouts by hand, without any of the code that reads them. */
public final class TestImages {
    private static final String OCI = "application/vnd.oci.image.";
    private static final String DOCKER = "application/vnd.docker.";

    private final Path layout;
    private final List<JsonValue> tagged = new ArrayList<>();

    /** Begins a layout in a folder, which is made when it is missing. */
    public TestImages(Path layout) {
        this.layout = layout;
        write(
                layout.resolve("oci-layout"),
                text(JsonObject.builder().put("imageLayoutVersion", "1.0.0").build()));
        writeIndex();
    }

    /**
     * A blob of the layout.
     *
     * @param mediaType what it is
     * @param digest {@code sha256:} and 64 hex digits
     * @param size its bytes
     * @param architecture of an image
     */
    public record Blob(String mediaType, String digest, long size, String architecture) {
        JsonValue.Builder json() {
            return JsonObject.builder()
                    .put("mediaType", mediaType)
                    .put("digest", digest)
                    .put("size", size);
        }
    }

    public Path layout() {
        return layout;
    }

    /** Returns how the image of a tag is called where an environment's name is taken. */
    public String reference(String tag) {
        return "oci:" + layout + ":" + tag;
    }

    /** Returns where the blob of a digest lies. */
    public Path file(String digest) {
        return layout.resolve("blobs").resolve("sha256").resolve(digest.substring("sha256:".length()));
    }

    /** Adds an image and gives it a tag. */
    public Blob add(String tag, TestImage image) {
        return tag(tag, put(image));
    }

    /** Adds an image that no tag names, for a list. */
    public Blob put(TestImage image) {
        boolean docker = image.docker();
        List<JsonValue> layers = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        for (byte[] tar : image.layers()) {
            diffIds.add(digest(tar));
            layers.add(put(
                            image.compression().mediaType(docker),
                            image.compression().compress(tar),
                            "")
                    .json()
                    .build());
        }
        JsonObject config = JsonObject.builder()
                .put("architecture", image.architecture())
                .put("os", "linux")
                .put("created", "2024-01-02T03:04:05Z")
                .put("config", image.config())
                .put(
                        "rootfs",
                        JsonObject.builder()
                                .put("type", "layers")
                                .put("diff_ids", JsonArray.ofStrings(diffIds))
                                .build())
                .build();
        Blob stored = put(docker ? DOCKER + "container.image.v1+json" : OCI + "config.v1+json", text(config), "");
        String type = docker ? DOCKER + "distribution.manifest.v2+json" : OCI + "manifest.v1+json";
        JsonObject manifest = JsonObject.builder()
                .put("schemaVersion", 2)
                .put("mediaType", type)
                .put("config", stored.json().build())
                .put("layers", new JsonArray(layers))
                .build();
        return put(type, text(manifest), image.architecture());
    }

    /** Adds a list of images and gives it a tag. */
    public Blob addList(String tag, boolean docker, Blob... images) {
        String type = docker ? DOCKER + "distribution.manifest.list.v2+json" : OCI + "index.v1+json";
        List<JsonValue> manifests = new ArrayList<>();
        for (Blob image : images) {
            manifests.add(image.json()
                    .put(
                            "platform",
                            JsonObject.builder()
                                    .put("architecture", image.architecture())
                                    .put("os", "linux")
                                    .build())
                    .build());
        }
        return tag(
                tag,
                put(
                        type,
                        text(JsonObject.builder()
                                .put("schemaVersion", 2)
                                .put("mediaType", type)
                                .put("manifests", new JsonArray(manifests))
                                .build()),
                        ""));
    }

    private Blob tag(String tag, Blob blob) {
        tagged.add(blob.json()
                .put(
                        "annotations",
                        JsonObject.builder()
                                .put("org.opencontainers.image.ref.name", tag)
                                .build())
                .build());
        writeIndex();
        return blob;
    }

    private Blob put(String mediaType, byte[] content, String architecture) {
        String digest = digest(content);
        write(file(digest), content);
        return new Blob(mediaType, digest, content.length, architecture);
    }

    private void writeIndex() {
        write(
                layout.resolve("index.json"),
                text(JsonObject.builder()
                        .put("schemaVersion", 2)
                        .put("mediaType", OCI + "index.v1+json")
                        .put("manifests", new JsonArray(tagged))
                        .build()));
    }

    private static byte[] text(JsonValue value) {
        return Json.write(value).getBytes(StandardCharsets.UTF_8);
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
