package dev.pyro.environment;

import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.DockerRegistry;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.Images;
import dev.pyro.oci.RegistryClient;
import dev.pyro.oci.RegistryReference;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts images of archives into a real registry. */
final class TestRegistry implements AutoCloseable {
    private static final String TYPE = "application/vnd.oci.image.";

    private final Path folder;
    private final DockerRegistry registry;

    private TestRegistry(Path folder, DockerRegistry registry) {
        this.folder = folder;
        this.registry = registry;
    }

    static TestRegistry start(Path folder) {
        return new TestRegistry(folder, DockerRegistry.start(folder, DockerRegistry.Kind.ANONYMOUS));
    }

    DockerRegistry registry() {
        return registry;
    }

    String reference(String name) {
        return registry.host() + "/" + name;
    }

    /**
     * Pushes an image, and returns the digest of its manifest.
     *
     * @param name {@code PATH:TAG}
     * @param config what its configuration says, as JSON
     * @param layers the archives, lowest first
     */
    String push(String name, String config, byte[]... layers) throws IOException {
        PyroPaths scratch = new PyroPaths(folder.resolve("scratch"), folder.resolve("scratch"));
        RegistryReference reference = (RegistryReference)
                ImageReference.parse(reference(name), folder).orElseThrow();
        try (RegistryClient client = Images.of(scratch, Map.of()).openForPush(reference, RegistryOptions.NONE)) {
            String blobs = "";
            for (byte[] layer : layers) {
                blobs += (blobs.isEmpty() ? "" : ",") + upload(client, TYPE + "layer.v1.tar+gzip", Tar.gzip(layer));
            }
            String diffIds =
                    Stream.of(layers).map(layer -> "\"" + digest(layer) + "\"").collect(Collectors.joining(","));
            String configBlob = upload(
                    client,
                    TYPE + "config.v1+json",
                    utf8("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":" + config
                            + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}"));
            String type = TYPE + "manifest.v1+json";
            byte[] manifest = utf8("{\"schemaVersion\":2,\"mediaType\":\"" + type + "\",\"config\":" + configBlob
                    + ",\"layers\":[" + blobs + "]}");
            client.putManifest(manifest, type, String.valueOf(reference.tag()), notice -> {});
            return digest(manifest);
        }
    }

    private String upload(RegistryClient client, String type, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("blob"), bytes);
        client.upload(file, new Descriptor(type, digest(bytes), bytes.length), sent -> {}, notice -> {});
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest(bytes) + "\",\"size\":" + bytes.length + "}";
    }

    /** Returns the digests of the layers that were served since {@link DockerRegistry#forgetAccesses}, of those given. */
    List<Integer> served(List<byte[]> layers) {
        return layers.stream()
                .map(layer -> registry.servings(digest(Tar.gzip(layer))).size())
                .toList();
    }

    static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        registry.close();
    }
}
