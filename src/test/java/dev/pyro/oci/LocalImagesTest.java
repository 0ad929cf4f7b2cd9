package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in layouts and archives. */
class LocalImagesTest {
    private static final byte[] LAYER = SmallImage.bytes(200_000, 11);
    private static final byte[] OTHER = SmallImage.bytes(1_000, 12);
    private static final SmallImage IMAGE = SmallImage.of(LAYER, OTHER);

    @TempDir
    private Path folder;

    private LocalImage pull(String text) {
        Path cache = folder.resolve("cache");
        Images images = Images.of(new PyroPaths(cache, cache.resolve("state")), Map.of());
        ImageReference reference = ImageReference.parse(text, folder).orElseThrow();
        try (ImageSource source = images.open(reference, RegistryOptions.NONE)) {
            return source.fetch(source.resolve(progress -> {}), progress -> {});
        }
    }

    private PyroException failure(String text) {
        return Objects.requireNonNull(catchThrowableOfType(PyroException.class, () -> pull(text)));
    }

    private void assertWhole(LocalImage image) {
        assertThat(image.layers()).hasSize(2);
        assertThat(image.layers().get(0)).hasBinaryContent(LAYER);
        assertThat(image.layers().get(1)).hasBinaryContent(OTHER);
        assertThat(image.config().user()).isEqualTo("app");
        try (var files = Files.list(folder.resolve("cache/oci/blobs"))) {
            assertThat(files).hasSize(3).allMatch(Files::isRegularFile);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void layout(String... tags) throws IOException {
        Files.createDirectories(folder.resolve("layout/blobs/sha256"));
        Files.writeString(folder.resolve("layout/oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        for (byte[] blob : new byte[][] {LAYER, OTHER, IMAGE.config(), IMAGE.manifest()}) {
            Files.write(blob(blob), blob);
        }
        String manifest = SmallImage.json(SmallImage.descriptor(MediaTypes.OCI_MANIFEST, IMAGE.manifest()));
        StringBuilder index = new StringBuilder("{\"schemaVersion\":2,\"manifests\":[");
        for (String tag : tags) {
            index.append(index.charAt(index.length() - 1) == '[' ? "" : ",")
                    .append(manifest, 0, manifest.length() - 1)
                    .append(",\"annotations\":{\"org.opencontainers.image.ref.name\":\"")
                    .append(tag)
                    .append("\"}}");
        }
        Files.writeString(folder.resolve("layout/index.json"), index.append("]}"));
    }

    private Path blob(byte[] bytes) {
        return folder.resolve("layout/blobs/sha256").resolve(Sha256.hex(Sha256.of(bytes)));
    }

    @Test
    void readsALayout() throws IOException {
        layout("one", "two");
        LocalImage image = pull("oci:layout:two");
        assertWhole(image);
        assertThat(image.manifest().digest()).isEqualTo(Sha256.of(IMAGE.manifest()));
        assertThat(failure("oci:layout")).hasMessageContaining("several images").hasMessageContaining("one, two");
        PyroException none = failure("oci:layout:three");
        assertThat(none.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        layout("only");
        assertThat(pull("oci:layout").manifest()).isEqualTo(image.manifest());
        // It is a copy: whoever writes to the layout does not write to the cache.
        Files.write(blob(OTHER), new byte[OTHER.length]);
        assertWhole(pull("oci:layout"));
    }

    @Test
    void whatTheCacheHasForgottenIsReadAgain() throws IOException {
        layout("one");
        LocalImage image = pull("oci:layout");
        for (Path file : image.layers()) {
            Files.write(file, new byte[(int) Files.size(file)]);
        }
        assertWhole(pull("oci:layout"));
    }

    @Test
    void refusesALayoutThatIsNotWhatItSays() throws IOException {
        assertThat(failure("oci:none").code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        layout("1");
        Files.write(blob(LAYER), new byte[LAYER.length]);
        assertThat(failure("oci:layout:1").code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        Files.write(blob(LAYER), new byte[3]);
        assertThat(failure("oci:layout:1").code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        Files.delete(blob(LAYER));
        assertThat(failure("oci:layout:1").code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        Files.createSymbolicLink(blob(LAYER), Path.of("/dev/zero"));
        assertThat(failure("oci:layout:1").code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE);
        Files.write(blob(IMAGE.manifest()), "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(failure("oci:layout:1").code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        Files.writeString(folder.resolve("layout/oci-layout"), "{}");
        assertThat(failure("oci:layout:1").code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE);
    }

    private static String manifestJson(String configName, String... layerNames) {
        return "[{\"Config\":\"" + configName + "\",\"RepoTags\":[\"app:1\",\"localhost:5000/app:2\"],\"Layers\":[\""
                + String.join("\",\"", layerNames) + "\"]}]";
    }

    /** Writes an archive; a value that is a text is a symbolic link. */
    private void archive(Map<String, Object> entries, boolean packed) throws IOException {
        try (OutputStream file = Files.newOutputStream(folder.resolve("image.tar"));
                OutputStream out = packed ? new GZIPOutputStream(file) : file) {
            TarWriter writer = new TarWriter(out);
            for (Map.Entry<String, Object> entry : entries.entrySet()) {
                if (entry.getValue() instanceof byte[] bytes) {
                    writer.entry(new TarEntry(entry.getKey(), EntryKind.FILE, 0644, bytes.length, 0, "", null));
                    writer.content(bytes, 0, bytes.length);
                } else {
                    String target = entry.getValue().toString();
                    writer.entry(new TarEntry(entry.getKey(), EntryKind.SYMLINK, 0777, 0, 0, target, null));
                }
            }
            writer.end();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, Object> usual() {
        String config = Sha256.hex(Sha256.of(IMAGE.config())) + ".json";
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("aa/layer.tar", LAYER);
        entries.put("bb/layer.tar", "../cc.tar");
        entries.put("cc.tar", OTHER);
        entries.put(config, IMAGE.config());
        entries.put("manifest.json", bytes(manifestJson(config, "aa/layer.tar", "bb/layer.tar")));
        return entries;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAnArchive(boolean packed) throws IOException {
        archive(usual(), packed);
        LocalImage image = pull("docker-archive:image.tar");
        assertWhole(image);
        assertThat(image.manifest().digest()).isEqualTo(Sha256.of(IMAGE.config()));
        assertThat(pull("docker-archive:image.tar:docker.io/library/app:1").manifest())
                .isEqualTo(image.manifest());
        assertThat(pull("docker-archive:image.tar:localhost:5000/app:2").manifest())
                .isEqualTo(image.manifest());
        PyroException none = failure("docker-archive:image.tar:app:3");
        assertThat(none.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        assertThat(none).hasMessageContaining("app:1, localhost:5000/app:2");
    }

    @Test
    void unpacksLayersThatAnArchiveHasCompressed() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(LAYER);
        }
        Map<String, Object> entries = usual();
        entries.put("aa/layer.tar", packed.toByteArray());
        archive(entries, false);
        assertWhole(pull("docker-archive:image.tar"));
    }

    @Test
    void namesOfAnArchiveLeadNowhere() throws IOException {
        Map<String, Object> entries = usual();
        entries.put("../../evil", bytes("evil"));
        entries.put("/etc/evil", bytes("evil"));
        entries.put("loop", "loop");
        entries.put("out", "/etc/passwd");
        archive(entries, false);
        assertWhole(pull("docker-archive:image.tar"));
        assertThat(folder.resolve("../evil").normalize()).doesNotExist();

        entries.put(
                "manifest.json", bytes(manifestJson(Sha256.hex(Sha256.of(IMAGE.config())) + ".json", "out", "loop")));
        archive(entries, false);
        assertThat(failure("docker-archive:image.tar").code()).isEqualTo(ErrorCode.ARCHIVE_REFUSED);
    }

    @Test
    void refusesAnArchiveThatIsNotWhatItSays() throws IOException {
        assertThat(failure("docker-archive:none.tar").code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        Map<String, Object> entries = usual();
        entries.put("aa/layer.tar", SmallImage.bytes(LAYER.length, 99));
        archive(entries, false);
        assertThat(failure("docker-archive:image.tar").code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);

        entries = usual();
        String config = Sha256.hex(Sha256.of(IMAGE.config())) + ".json";
        entries.put(config, SmallImage.of("linux", "amd64", OTHER, OTHER).config());
        archive(entries, false);
        assertThat(failure("docker-archive:image.tar").code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);

        entries = usual();
        entries.remove("manifest.json");
        archive(entries, false);
        assertThat(failure("docker-archive:image.tar").code()).isEqualTo(ErrorCode.ARCHIVE_REFUSED);

        archive(usual(), false);
        byte[] whole = Files.readAllBytes(folder.resolve("image.tar"));
        Files.write(folder.resolve("image.tar"), java.util.Arrays.copyOf(whole, whole.length / 2));
        PyroException cut = failure("docker-archive:image.tar");
        assertThat(cut.code()).isEqualTo(ErrorCode.ARCHIVE_REFUSED);
        assertThat(cut).hasMessageContaining("ends too early");
        Files.writeString(folder.resolve("image.tar"), "no archive at all");
        assertThat(failure("docker-archive:image.tar").code()).isEqualTo(ErrorCode.ARCHIVE_REFUSED);
    }

    @Test
    void aBombIsNotUnpackedForEver() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            for (int i = 0; i < 64; i++) {
                gzip.write(new byte[1 << 20]);
            }
        }
        Map<String, Object> entries = usual();
        entries.put("aa/layer.tar", packed.toByteArray());
        archive(entries, false);
        // Its true size is known before anything is written, and its digest is not the one that was promised.
        assertThat(failure("docker-archive:image.tar").code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
    }
}
