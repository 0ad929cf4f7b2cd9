package dev.pyro.oci;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.os.HostCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * An image that a test wants. Immutable; start from {@link #of}.
 *
 * @param layers the layers' tar archives, lowest first
 * @param compression how each is stored
 * @param docker whether its parts have Docker's media types instead of OCI's
 * @param architecture what it says that it is for
 * @param config its configuration's {@code config}
 */
public record TestImage(
        List<byte[]> layers, Compression compression, boolean docker, String architecture, JsonObject config) {
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** How a layer is stored. */
    public enum Compression {
        NONE("", ""),
        GZIP("+gzip", ".gzip"),
        ZSTD("+zstd", ".zstd");

        private final String oci;
        private final String docker;

        Compression(String oci, String docker) {
            this.oci = oci;
            this.docker = docker;
        }

        String mediaType(boolean ofDocker) {
            return ofDocker
                    ? "application/vnd.docker.image.rootfs.diff.tar" + docker
                    : "application/vnd.oci.image.layer.v1.tar" + oci;
        }

        byte[] compress(byte[] tar) {
            return switch (this) {
                case NONE -> tar;
                case GZIP -> gzip(tar);
                case ZSTD -> zstd(tar);
            };
        }

        private static byte[] gzip(byte[] tar) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(tar);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        private static byte[] zstd(byte[] tar) {
            try {
                Path file = Files.createTempFile("layer", ".tar");
                Path compressed = file.resolveSibling(file.getFileName() + ".zst");
                try {
                    Files.write(file, tar);
                    HostCommand.of(BOUND, List.of("zstd", "-q", file.toString(), "-o", compressed.toString()))
                            .runOrFail("compress a layer");
                    return Files.readAllBytes(compressed);
                } finally {
                    Files.deleteIfExists(file);
                    Files.deleteIfExists(compressed);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** An image of gzipped layers for linux/amd64, with OCI's media types and an empty configuration. */
    public static TestImage of(byte[]... layers) {
        return new TestImage(
                Arrays.asList(layers),
                Compression.GZIP,
                false,
                "amd64",
                JsonObject.builder().build());
    }

    public TestImage withCompression(Compression other) {
        return new TestImage(layers, other, docker, architecture, config);
    }

    /** The same with Docker's media types. */
    public TestImage ofDocker() {
        return new TestImage(layers, compression, true, architecture, config);
    }

    public TestImage withArchitecture(String other) {
        return new TestImage(layers, compression, docker, other, config);
    }

    /** Sets a member of its configuration's {@code config}, such as {@code User}. */
    public TestImage with(String member, JsonValue value) {
        Map<String, JsonValue> members = new TreeMap<>(config.members());
        members.put(member, value);
        return new TestImage(layers, compression, docker, architecture, new JsonObject(members));
    }

    public TestImage withUser(String user) {
        return with("User", new JsonValue.JsonString(user));
    }

    public TestImage withWorkingDir(String directory) {
        return with("WorkingDir", new JsonValue.JsonString(directory));
    }

    public TestImage withEnv(String... variables) {
        return with("Env", JsonArray.ofStrings(List.of(variables)));
    }
}
