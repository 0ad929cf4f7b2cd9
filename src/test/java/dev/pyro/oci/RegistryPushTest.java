package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a push when a registry, or what is to be pushed, is not as it should be. */
class RegistryPushTest {
    private static final byte[] LAYER = SmallImage.bytes(300_000, 7);
    private static final SmallImage IMAGE = SmallImage.of(LAYER);
    private static final Descriptor BLOB = SmallImage.descriptor(MediaTypes.OCI_LAYER, LAYER);

    @TempDir
    private Path folder;

    private Path file;
    private ScriptedRegistry registry;
    private RegistryClient client;
    private Retry.Sleeper sleeper;
    private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong sent = new AtomicLong();

    @BeforeEach
    void start() throws IOException {
        file = Files.write(folder.resolve("layer"), LAYER);
        registry = new ScriptedRegistry();
        sleeper = pauses::add;
        Retry retry = new Retry(
                "fetching an image", 5, Duration.ofMillis(500), Duration.ofSeconds(8), pause -> sleeper.sleep(pause));
        Images images = new Images(
                new BlobStore(new PyroPaths(folder, folder.resolve("state"))),
                RegistrySettings.of(Map.of()),
                (host, name) -> Optional.of(new Credential("u", "secret", false, "a test")),
                HttpBounds.USUAL,
                retry);
        client = images.openForPush(
                (RegistryReference)
                        ImageReference.parse(registry.host() + "/c:1", folder).orElseThrow(),
                RegistryOptions.NONE);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    private boolean upload() {
        return client.upload(file, BLOB, sent::addAndGet, notices::add);
    }

    private String putManifest() {
        return client.putManifest(IMAGE.manifest(), MediaTypes.OCI_MANIFEST, "1", notices::add);
    }

    private static PyroException failure(Runnable action, ErrorCode code) {
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(PyroException.class, action::run));
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        return failure;
    }

    @Test
    void pushesABlobAsAWholeUntilItIsThere() {
        registry.plan("/v2/c/blobs/uploads/1", ScriptedRegistry.status(503));
        assertThat(client.hasBlob(BLOB)).isFalse();
        assertThat(upload()).isTrue();
        assertThat(registry.requests("/uploads/2?state=a%2Fb&digest=" + BLOB.digest()))
                .hasSize(1);
        assertThat(registry.requests("/uploads/2").getFirst().body())
                .isEqualTo(new String(LAYER, StandardCharsets.ISO_8859_1));
        assertThat(sent).hasValue(LAYER.length);

        registry.put("/v2/c/blobs/" + BLOB.digest(), LAYER);
        assertThat(upload()).isFalse();
    }

    @Test
    void aManifestIsTriedThreeTimesWhichIsSaid() {
        for (int i = 0; i < 3; i++) {
            registry.plan("/v2/c/manifests/1", ScriptedRegistry.status(500, "Retry-After=1"));
        }
        assertThat(failure(this::putManifest, ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageStartingWith("cannot push " + registry.host() + "/c:1: ")
                .hasMessageContaining("what has arrived there whole is not sent again: try again");
        assertThat(notices)
                .containsExactly(
                        "waits 1 s before try 2: " + registry.host() + " answers with status 500 (\"said so\")",
                        "waits 1 s before try 3: " + registry.host() + " answers with status 500 (\"said so\")");
        assertThat(putManifest()).isEqualTo(Sha256.of(IMAGE.manifest()));
    }

    @Test
    void whoIsBusyIsWaitedForWhereverThatIs() {
        String challenge = "Bearer realm=\"http://" + registry.host() + "/token\"";
        registry.put("/token", "{\"token\":\"t1\"}".getBytes(StandardCharsets.UTF_8));
        registry.plan("/token", ScriptedRegistry.status(429, "Retry-After=2"));
        registry.plan(
                "/v2/c/blobs/uploads/",
                ScriptedRegistry.status(401, "WWW-Authenticate=" + challenge),
                ScriptedRegistry.status(401, "WWW-Authenticate=" + challenge));
        registry.plan("/v2/c/blobs/uploads/1", ScriptedRegistry.status(429, "Retry-After=3"));
        assertThat(upload()).isTrue();
        assertThat(pauses).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(3));
        assertThat(notices)
                .containsExactly(
                        "waits 2 s before try 2: " + registry.host() + " answers with status 429 (\"said so\")",
                        "waits 3 s before try 3: " + registry.host() + " answers with status 429 (\"said so\")");
        assertThat(registry.requests("/token"))
                .hasSize(2)
                .allMatch(request -> request.path().contains("pull%2Cpush"));
        assertThat(sent).as("what was taken back is not counted").hasValue(LAYER.length);
    }

    @Test
    void aFileThatIsGoneIsNotTheRegistrysFault() throws IOException {
        Files.delete(file);
        assertThat(failure(this::upload, ErrorCode.STORAGE_UNUSABLE))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("it is gone");
        assertThat(registry.requests("/")).as("asked nobody").isEmpty();

        Files.write(file, new byte[3]);
        assertThat(failure(this::upload, ErrorCode.STORAGE_UNUSABLE)).hasMessageContaining("3 bytes, not 300000");
    }

    @Test
    void aFileThatGoesMeanwhileIsNotTheRegistrysFaultEither() {
        registry.plan("/v2/c/blobs/uploads/1", ScriptedRegistry.status(503));
        sleeper = pause -> {
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        };
        assertThat(failure(this::upload, ErrorCode.STORAGE_UNUSABLE)).hasMessageContaining("it is gone");
        assertThat(registry.requests("/v2/c/blobs/uploads/1")).hasSize(1);
    }

    @Test
    void anInterruptionIsOneOfAPush() {
        registry.plan("/v2/c/blobs/uploads/1", ScriptedRegistry.status(503));
        sleeper = pause -> {
            throw new InterruptedException();
        };
        assertThat(failure(this::upload, ErrorCode.INTERRUPTED)).hasMessage("pushing an image was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aBlobGoesNowhereWithoutTls() {
        registry.plan("/v2/c/blobs/uploads/", ScriptedRegistry.status(202, "Location=http://store.example/upload?x=1"));
        assertThat(failure(this::upload, ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageContaining("http://store.example/upload")
                .hasMessageContaining("which has no TLS; ")
                .hasMessageContaining("name it with --plain-http store.example ");
    }
}
