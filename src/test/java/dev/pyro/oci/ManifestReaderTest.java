package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {
    private static final String HEX = "ab".repeat(32);
    private static final String DIGEST = "sha256:" + HEX;
    private static final Descriptor CONFIG = new Descriptor(MediaTypes.OCI_CONFIG, DIGEST, 10);
    private static final Descriptor LAYER = new Descriptor(MediaTypes.OCI_LAYER_GZIP, "sha256:" + "cd".repeat(32), 20);

    private static ManifestReader.Document read(String text, String type) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ManifestReader.read("image", bytes, Sha256.of(bytes), type);
    }

    private static PyroException failure(String text) {
        return Objects.requireNonNull(catchThrowableOfType(PyroException.class, () -> read(text, "")));
    }

    private static String manifest(Descriptor config, Descriptor... layers) {
        return new String(SmallImage.manifest(config, List.of(layers)), StandardCharsets.UTF_8);
    }

    @Test
    void readsManifestsOfBothFamiliesAndThoseThatDoNotSayWhatTheyAre() {
        String oci = manifest(CONFIG, LAYER);
        ImageManifest expected =
                new ImageManifest(Sha256.of(oci.getBytes(StandardCharsets.UTF_8)), CONFIG, List.of(LAYER));
        assertThat(read(oci, "")).isEqualTo(new ManifestReader.Image(expected));
        String silent = oci.replace("\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",", "");
        assertThat(read(silent, "")).isInstanceOf(ManifestReader.Image.class);
        String docker = oci.replace(MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST)
                .replace(MediaTypes.OCI_CONFIG, MediaTypes.DOCKER_CONFIG)
                .replace(MediaTypes.OCI_LAYER_GZIP, "application/vnd.docker.image.rootfs.diff.tar.gzip");
        assertThat(read(docker, MediaTypes.DOCKER_MANIFEST + "; charset=utf-8"))
                .isInstanceOf(ManifestReader.Image.class);
        assertThat(read("{\"schemaVersion\":2,\"manifests\":[]}", MediaTypes.DOCKER_LIST))
                .isEqualTo(new ManifestReader.Index(List.of()));
        String other = "{\"manifests\":[{\"digest\":\"sha512:" + HEX + HEX + "\",\"size\":1}]}";
        assertThat(read(other, MediaTypes.OCI_INDEX)).isEqualTo(new ManifestReader.Index(List.of()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IMAGE_CORRUPT    | {
            IMAGE_CORRUPT    | []
            IMAGE_CORRUPT    | {}
            IMAGE_CORRUPT    | {"manifests":[],"layers":[]}
            IMAGE_CORRUPT    | {"manifests":{}}
            IMAGE_CORRUPT    | {"manifests":[7]}
            IMAGE_CORRUPT    | {"manifests":[{"digest":"sha256:../../../etc/passwd","size":1}]}
            IMAGE_UNSUITABLE | {"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha512:HEXHEX","size":1},"layers":[]}
            IMAGE_CORRUPT    | {"manifests":[{"digest":"sha256:HEX","size":-1}]}
            IMAGE_CORRUPT    | {"manifests":[{"digest":"sha256:HEX","size":9223372036854775807}]}
            IMAGE_CORRUPT    | {"manifests":[{"digest":"sha256:HEX","size":99999999999999999999}]}
            IMAGE_CORRUPT    | {"manifests":[{"digest":"sha256:HEX"}]}
            IMAGE_CORRUPT    | {"mediaType":"application/vnd.oci.image.index.v1+json","layers":[],"config":{}}
            IMAGE_CORRUPT    | {"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:HEX","size":1}}
            IMAGE_UNSUITABLE | {"schemaVersion":1,"fsLayers":[{"blobSum":"sha256:HEX"}]}
            IMAGE_UNSUITABLE | {"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:HEX","size":1},"layers":[]}
            IMAGE_UNSUITABLE | {"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:HEX","size":8388609},"layers":[]}
            """)
    void refusesWhatIsNoImage(ErrorCode code, String text) {
        assertThat(failure(text.replace("HEX", HEX)).code()).isEqualTo(code);
    }

    @Test
    void refusesLayersThatCannotBeUnpacked() {
        assertThat(failure(manifest(CONFIG, new Descriptor(MediaTypes.OCI_LAYER + "+gzip+encrypted", DIGEST, 1))))
                .hasMessageContaining("encrypted");
        assertThat(failure(manifest(CONFIG, new Descriptor("application/vnd.in-toto+json", DIGEST, 1))))
                .hasMessageContaining("in-toto");
        String foreign = manifest(
                        CONFIG, new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", DIGEST, 1))
                .replace("\"size\":1}", "\"size\":1,\"urls\":[\"https://x\"]}");
        PyroException failure = failure(foreign);
        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE);
        assertThat(failure).hasMessageContaining("does not hold");
        assertThat(failure(manifest(CONFIG, LAYER, new Descriptor(LAYER.mediaType(), LAYER.digest(), 21))))
                .hasMessageContaining("two sizes");
        Descriptor[] many =
                Collections.nCopies(ManifestReader.MAX_LAYERS + 1, LAYER).toArray(Descriptor[]::new);
        assertThat(failure(manifest(CONFIG, many)).code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE);
    }

    @Test
    void documentsAreBounded() {
        assertThat(failure("{\"manifests\":[" + "{},".repeat(60_000) + "{}]}").code())
                .isEqualTo(ErrorCode.IMAGE_CORRUPT);
        assertThat(failure("{\"a\":".repeat(100) + "1" + "}".repeat(100)).code())
                .isEqualTo(ErrorCode.IMAGE_CORRUPT);
    }

    private static String chosen(String... platforms) {
        List<String> lines = new java.util.ArrayList<>();
        for (int i = 0; i < platforms.length; i++) {
            lines.add(platforms[i] + " sha256:" + ("" + i).repeat(64) + " 1");
        }
        String text = new String(SmallImage.index(lines), StandardCharsets.UTF_8);
        Descriptor descriptor = ManifestReader.choose("image", (ManifestReader.Index) read(text, ""));
        return platforms[descriptor.digest().charAt(10) - '0'];
    }

    @Test
    void choosesTheMostUsualVariant() {
        assertThat(chosen("linux/arm64", "linux/amd64")).isEqualTo("linux/amd64");
        assertThat(chosen("linux/amd64/v3", "linux/amd64/v2", "windows/amd64")).isEqualTo("linux/amd64/v2");
        assertThat(chosen("linux/amd64/v2", "linux/amd64/v1", "linux/amd64")).isEqualTo("linux/amd64");
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                PyroException.class,
                () -> chosen("linux/arm/v7", "windows/amd64", "unknown/unknown", "linux/amd64/v9")));
        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE);
        assertThat(failure).hasMessageContaining("linux/arm/v7, windows/amd64, linux/amd64/v9;");
    }
}
