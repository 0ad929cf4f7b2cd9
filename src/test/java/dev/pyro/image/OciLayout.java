package dev.pyro.image;

import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes layers as a layout that other tools read. */
final class OciLayout {
    private static final String TYPE = "application/vnd.oci.image.";

    private OciLayout() {}

    /** Writes an image with the tag {@code t}. */
    static void write(Path folder, byte[]... layers) throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
        List<String> descriptors = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        for (byte[] layer : layers) {
            diffIds.add("\"" + digest(layer) + "\"");
            descriptors.add(blob(blobs, TYPE + "layer.v1.tar+gzip", Tar.gzip(layer)));
        }
        String config = blob(
                blobs,
                TYPE + "config.v1+json",
                utf8(
                        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                                + String.join(",", diffIds) + "]}}"));
        String manifest = blob(
                blobs,
                TYPE + "manifest.v1+json",
                utf8("{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":[" + String.join(",", descriptors)
                        + "]}"));
        String tagged = manifest.replace("}", ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"t\"}}");
        Files.write(folder.resolve("index.json"), utf8("{\"schemaVersion\":2,\"manifests\":[" + tagged + "]}"));
        Files.write(folder.resolve("oci-layout"), utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
    }

    private static String blob(Path blobs, String type, byte[] content) throws IOException {
        String digest = digest(content);
        Files.write(blobs.resolve(digest.substring("sha256:".length())), content);
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + content.length + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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
}
