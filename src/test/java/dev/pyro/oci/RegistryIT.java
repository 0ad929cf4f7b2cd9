package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against the registry that many run. */
class RegistryIT {
    private static final int LARGE = 24 << 20;
    private static final byte[] SMALL_LAYER = SmallImage.bytes(100_000, 1);
    private static final byte[] LARGE_LAYER = SmallImage.bytes(LARGE, 2);
    private static final SmallImage SMALL = SmallImage.of(SMALL_LAYER, SmallImage.bytes(10, 3));
    private static final SmallImage BIG = SmallImage.of(SMALL_LAYER, LARGE_LAYER);
    private static final String LARGE_DIGEST = Sha256.of(LARGE_LAYER);
    private static final Credentials LOGIN = (host, repository) ->
            Optional.of(new Credential(DockerRegistry.USER, DockerRegistry.PASSWORD, false, "a test"));

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;
    private static DockerRegistry guarded;
    private static DockerRegistry secure;

    @TempDir
    private Path cache;

    @BeforeAll
    static void start() throws IOException {
        registry = DockerRegistry.start(folder.resolve("anonymous"), DockerRegistry.Kind.ANONYMOUS);
        guarded = DockerRegistry.start(folder.resolve("basic"), DockerRegistry.Kind.BASIC);
        secure = DockerRegistry.start(folder.resolve("tls"), DockerRegistry.Kind.TLS);
        push(registry, RegistryOptions.NONE, SMALL, "team/small");
        push(registry, RegistryOptions.NONE, BIG, "team/big");
        push(guarded, RegistryOptions.NONE, SMALL, "small");
        push(secure, trusting(), SMALL, "small");
    }

    @AfterAll
    static void stop() {
        for (DockerRegistry each : new DockerRegistry[] {registry, guarded, secure}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static void push(DockerRegistry where, RegistryOptions options, SmallImage image, String name)
            throws IOException {
        Images images = new Images(new BlobStore(paths(folder)), RegistrySettings.of(Map.of()), LOGIN);
        try (RegistryClient client = images.openForPush(reference(where, name + ":1"), options)) {
            image.push(client, folder, "1");
        }
    }

    private static RegistryOptions trusting() {
        return new RegistryOptions(List.of(), List.of(secure.authority()), List.of());
    }

    private static PyroPaths paths(Path cache) {
        return new PyroPaths(cache, cache.resolve("state"));
    }

    private static RegistryReference reference(DockerRegistry where, String name) {
        return (RegistryReference)
                ImageReference.parse(where.host() + "/" + name, folder).orElseThrow();
    }

    private LocalImage pull(RegistryReference reference) {
        return pull(reference, RegistryOptions.NONE, Progress.Listener.NONE);
    }

    private LocalImage pull(RegistryReference reference, RegistryOptions options, Progress.Listener listener) {
        return pull(reference, options, (host, repository) -> Optional.empty(), listener);
    }

    private LocalImage pull(
            RegistryReference reference, RegistryOptions options, Credentials credentials, Progress.Listener listener) {
        Images images = new Images(new BlobStore(paths(cache)), RegistrySettings.of(Map.of()), credentials);
        try (ImageSource source = images.open(reference, options)) {
            return source.fetch(source.resolve(listener), listener);
        }
    }

    private static PyroException failureOf(Runnable action) {
        return Objects.requireNonNull(catchThrowableOfType(PyroException.class, action::run));
    }

    private Path part(String digest) {
        return cache.resolve("oci/blobs").resolve(Sha256.hex(digest) + ".part");
    }

    @Test
    void pullsByTagAndByDigestAndTellsHowFarItIs() throws IOException {
        List<Progress> heard = new ArrayList<>();
        LocalImage image = pull(reference(registry, "team/big:1"), RegistryOptions.NONE, heard::add);
        assertThat(image.manifest().digest()).isEqualTo(Sha256.of(BIG.manifest()));
        assertThat(image.layers()).hasSize(2);
        assertThat(image.layers().get(0)).hasBinaryContent(SMALL_LAYER);
        assertThat(image.layers().get(1)).hasBinaryContent(LARGE_LAYER);
        assertThat(image.config().user()).isEqualTo("app");
        assertThat(heard.getFirst().phase()).isEqualTo("resolve");
        assertThat(heard.getLast().fraction()).isEqualTo(1.0);
        assertThat(heard.getLast().detail()).isEqualTo("2 of 2 layers, 24 of 24 MiB");
        assertThat(heard.stream().skip(1))
                .isSortedAccordingTo((a, b) ->
                        Double.compare(Objects.requireNonNull(a.fraction()), Objects.requireNonNull(b.fraction())));

        await().untilAsserted(() -> assertThat(registry.servings(LARGE_DIGEST)).contains((long) LARGE));
        registry.forgetAccesses();
        LocalImage again =
                pull(reference(registry, "team/big@" + image.manifest().digest()));
        assertThat(again.manifest()).isEqualTo(image.manifest());
        assertThat(registry.servings(LARGE_DIGEST)).isEmpty();
    }

    @Test
    void asksWithAPasswordWhereOneIsAskedFor() {
        RegistryReference reference = reference(guarded, "small:1");
        assertThat(pull(reference, RegistryOptions.NONE, LOGIN, Progress.Listener.NONE)
                        .manifest()
                        .digest())
                .isEqualTo(Sha256.of(SMALL.manifest()));

        PyroException none = failureOf(() -> pull(reference));
        assertThat(none.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
        assertThat(none).hasMessageContaining("there are no credentials for it");

        Credentials wrong =
                (host, repository) -> Optional.of(new Credential("pyro", "quite-wrong", false, "/some/auth.json"));
        PyroException denied = failureOf(() -> pull(reference, RegistryOptions.NONE, wrong, Progress.Listener.NONE));
        assertThat(denied.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
        assertThat(denied).hasMessageContaining("/some/auth.json").hasMessageNotContaining("quite-wrong");
    }

    @Test
    void trustsAnAuthorityThatIsNamed() {
        RegistryReference reference = reference(secure, "small:1");
        assertThat(pull(reference, trusting(), Progress.Listener.NONE)
                        .manifest()
                        .digest())
                .isEqualTo(Sha256.of(SMALL.manifest()));

        PyroException untrusted = failureOf(() -> pull(reference));
        assertThat(untrusted.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
        assertThat(untrusted).hasMessageContaining("--registry-ca");
    }

    @Test
    void namesWhoIsNotTrustedBehindARedirect() throws IOException {
        try (ScriptedRegistry front = new ScriptedRegistry()) {
            front.plan(
                    "/v2/small/manifests/1",
                    ScriptedRegistry.status(307, "Location=https://" + secure.host() + "/v2/small/manifests/1"));
            ImageReference reference =
                    ImageReference.parse(front.host() + "/small:1", folder).orElseThrow();
            PyroException untrusted = failureOf(() -> pull((RegistryReference) reference));
            assertThat(untrusted.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
            assertThat(untrusted).hasMessageContaining("the certificate of " + secure.host() + " is not trusted here");
        }
    }

    @Test
    void saysWhatIsNotThere() throws IOException {
        assertThat(failureOf(() -> pull(reference(registry, "team/none:1"))).code())
                .isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        PyroException tag = failureOf(() -> pull(reference(registry, "team/small:2")));
        assertThat(tag.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
        assertThat(tag).hasMessageContaining("team/small:2");
        String digest = Sha256.of(new byte[] {1});
        assertThat(failureOf(() -> pull(reference(registry, "team/small@" + digest)))
                        .code())
                .isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
    }

    @Test
    void choosesThePlatformOfAnIndex() throws IOException {
        byte[] manifest = SMALL.manifest();
        String good = Sha256.of(manifest) + " " + manifest.length;
        Images images = new Images(new BlobStore(paths(folder)), RegistrySettings.of(Map.of()), LOGIN);
        RegistryReference reference = reference(registry, "team/small:list");
        try (RegistryClient client = images.openForPush(reference, RegistryOptions.NONE)) {
            client.putManifest(
                    SmallImage.index(List.of("linux/arm64/v8 " + good, "linux/amd64 " + good)),
                    MediaTypes.OCI_INDEX,
                    "list",
                    notice -> {});
            client.putManifest(
                    SmallImage.index(List.of("linux/arm64/v8 " + good, "linux/s390x " + good)),
                    MediaTypes.OCI_INDEX,
                    "others",
                    notice -> {});
        }
        assertThat(pull(reference).manifest().digest()).isEqualTo(Sha256.of(manifest));
        PyroException others = failureOf(() -> pull(reference.withTag("others")));
        assertThat(others.code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE);
        assertThat(others).hasMessageContaining("linux/arm64/v8, linux/s390x");
    }

    @Test
    void goesOnAfterTheRegistryWasKilledAndStartedAgain() {
        goesOnAfterAKill(registry, "team/big:1", RegistryOptions.NONE);
    }

    @Test
    void goesOnAfterARegistryWithTlsWasKilledAndStartedAgain() throws IOException {
        push(secure, trusting(), BIG, "big");
        goesOnAfterAKill(secure, "big:1", trusting());
    }

    private void goesOnAfterAKill(DockerRegistry where, String name, RegistryOptions options) {
        AtomicBoolean killed = new AtomicBoolean();
        where.forgetAccesses();
        LocalImage image = pull(reference(where, name), options, progress -> {
            if (progress.phase().equals("download")
                    && Objects.requireNonNullElse(progress.fraction(), 0.0) > 0.3
                    && killed.compareAndSet(false, true)) {
                where.kill();
                try {
                    where.restart();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertThat(killed).isTrue();
        assertThat(image.layers().get(1)).hasBinaryContent(LARGE_LAYER);
        // The one that was killed has logged nothing; the other one has sent the rest only.
        await().untilAsserted(() ->
                assertThat(where.servings(LARGE_DIGEST)).isNotEmpty().allMatch(bytes -> bytes < LARGE * 0.8));
    }

    @Test
    void goesOnWhereAKilledProcessStopped() throws Exception {
        RegistryReference reference = reference(registry, "team/big:1");
        Process pull = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PullAndDie.class.getName(),
                        reference.canonical(),
                        cache.toString())
                .redirectErrorStream(true)
                .redirectOutput(cache.resolve("output").toFile())
                .start();
        assertThat(pull.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pull.exitValue())
                .as(Files.readString(cache.resolve("output")))
                .isEqualTo(137);
        long there = Files.size(part(LARGE_DIGEST));
        assertThat(there).isBetween(LARGE / 4L, LARGE - 1L);

        registry.forgetAccesses();
        assertThat(pull(reference).layers().get(1)).hasBinaryContent(LARGE_LAYER);
        // The registry may write the killed one's line only when it has noticed that nobody takes the rest.
        await().untilAsserted(() -> assertThat(registry.servings(LARGE_DIGEST))
                .contains(LARGE - there)
                .doesNotContain((long) LARGE));
        assertThat(part(LARGE_DIGEST)).doesNotExist();
    }

    @Test
    void anInterruptionEndsItAndTheNextOneGoesOn() throws Exception {
        RegistryReference reference = reference(registry, "team/big:1");
        AtomicReference<PyroException> failure = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            Thread self = Thread.currentThread();
            failure.set(failureOf(() -> pull(reference, RegistryOptions.NONE, progress -> {
                if (progress.phase().equals("download") && Objects.requireNonNullElse(progress.fraction(), 0.0) > 0.3) {
                    self.interrupt();
                }
            })));
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        caller.join(30_000);
        assertThat(failure.get()).extracting(PyroException::code).isEqualTo(ErrorCode.INTERRUPTED);
        assertThat(flag).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("pyro-fetch"));
        long there = Files.size(part(LARGE_DIGEST));
        assertThat(there).isPositive();

        registry.forgetAccesses();
        assertThat(pull(reference).layers().get(1)).hasBinaryContent(LARGE_LAYER);
        await().untilAsserted(() -> assertThat(registry.servings(LARGE_DIGEST))
                .contains(LARGE - there)
                .doesNotContain((long) LARGE));
    }

    @Test
    void twoPullsAtOnceFetchEachBlobOnce() throws Exception {
        registry.forgetAccesses();
        List<Thread> threads = new ArrayList<>();
        List<LocalImage> images = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 2; i++) {
            threads.add(Thread.ofPlatform().start(() -> images.add(pull(reference(registry, "team/big:1")))));
        }
        for (Thread thread : threads) {
            thread.join(60_000);
        }
        assertThat(images).hasSize(2);
        assertThat(images.get(0)).isEqualTo(images.get(1));
        await().untilAsserted(() -> {
            // What was cut off before may be told late.
            assertThat(registry.servings(LARGE_DIGEST))
                    .filteredOn(bytes -> bytes == LARGE)
                    .hasSize(1);
            assertThat(registry.servings(Sha256.of(SMALL_LAYER))).hasSize(1);
        });
    }
}
