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
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a pull when a registry is not as it should be. */
class RegistryImagesTest {
    private static final byte[] LAYER = SmallImage.bytes(300_000, 7);
    private static final SmallImage IMAGE = SmallImage.of(LAYER);
    private static final String BLOB = "/v2/a/b/blobs/" + Sha256.of(LAYER);
    private static final String MANIFEST = "/v2/a/b/manifests/1";
    private static final HttpBounds SHORT =
            new HttpBounds(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMillis(300), 2_000);

    @TempDir
    private Path cache;

    private ScriptedRegistry registry;
    private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    private final List<String> details = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() throws IOException {
        registry = new ScriptedRegistry().with("a/b", "1", IMAGE);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private Images images(Credentials credentials) {
        PyroPaths paths = new PyroPaths(cache, cache.resolve("state"));
        Retry retry = new Retry("fetching an image", 5, Duration.ofMillis(500), Duration.ofSeconds(8), pauses::add);
        return new Images(new BlobStore(paths), RegistrySettings.of(Map.of()), credentials, SHORT, retry);
    }

    private RegistryReference reference() {
        return (RegistryReference)
                ImageReference.parse(registry.host() + "/a/b:1", cache).orElseThrow();
    }

    private LocalImage pull() {
        return pull(RegistryOptions.NONE, (host, repository) -> Optional.empty());
    }

    private LocalImage pull(RegistryOptions options, Credentials credentials) {
        try (ImageSource source = images(credentials).open(reference(), options)) {
            return source.fetch(
                    source.resolve(progress -> details.add(progress.detail())),
                    progress -> details.add(progress.detail()));
        }
    }

    private PyroException failure() {
        return Objects.requireNonNull(catchThrowableOfType(PyroException.class, this::pull));
    }

    private void assertPulled() {
        assertThat(pull().layers().getFirst()).hasBinaryContent(LAYER);
    }

    private List<String> ranges() {
        return registry.requests(BLOB).stream()
                .map(ScriptedRegistry.Request::range)
                .toList();
    }

    private Path part() {
        return cache.resolve("oci/blobs").resolve(Sha256.hex(Sha256.of(LAYER)) + ".part");
    }

    @Test
    void goesOnWhereABodyWasCut() {
        registry.plan(BLOB, ScriptedRegistry.cutAt(100_000), ScriptedRegistry.good());
        assertPulled();
        assertThat(ranges()).hasSize(2).first().isEqualTo("");
        assertThat(ranges().get(1)).matches("bytes=[1-9]\\d{4,5}-299999");
    }

    @Test
    void beginsAnewWhereARangeIsNotGiven() {
        registry.plan(BLOB, ScriptedRegistry.cutAt(100_000), ScriptedRegistry.whole());
        assertPulled();
        assertThat(ranges()).hasSize(2);
    }

    @Test
    void beginsAnewWhereAnotherRangeIsGiven() {
        registry.plan(BLOB, ScriptedRegistry.cutAt(100_000), ScriptedRegistry.wrongRange());
        assertPulled();
        assertThat(ranges()).hasSize(3).last().isEqualTo("");
    }

    @Test
    void beginsAnewWhereARangeIsRefused() {
        registry.plan(BLOB, ScriptedRegistry.cutAt(100_000), ScriptedRegistry.status(416));
        assertPulled();
        assertThat(ranges()).hasSize(3).last().isEqualTo("");
    }

    @Test
    void forgetsAPartThatCannotBeOne() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), new byte[LAYER.length + 1]);
        assertPulled();
        assertThat(ranges()).containsExactly("");
        assertThat(part()).doesNotExist();
    }

    @Test
    void aPartOfOtherBytesIsFoundOutAndFetchedAnew() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), new byte[1000]);
        assertPulled();
        assertThat(ranges()).containsExactly("bytes=1000-299999", "");
    }

    @Test
    void waitsAsLongAsItIsTold() {
        registry.plan(BLOB, ScriptedRegistry.status(429, "Retry-After=7"));
        registry.plan(MANIFEST, ScriptedRegistry.status(503, "Retry-After=2"));
        assertPulled();
        assertThat(pauses).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(7));
        assertThat(details)
                .contains("waits 7 s before try 2: " + registry.host() + " answers with status 429 (\"said so\")");
    }

    @Test
    void whoIsBusyWhenItIsAskedForPlainHttpIsNotTakenForTls() {
        registry.plan("/v2/", ScriptedRegistry.status(503, "Retry-After=1"));
        assertPulled();
        assertThat(pauses).containsExactly(Duration.ofSeconds(1));
    }

    @Test
    void doesNotWaitForAnHour() {
        registry.plan(MANIFEST, ScriptedRegistry.status(429, "Retry-After=3600"));
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("3600 s").hasMessageContaining("said so");
        assertThat(pauses).isEmpty();
    }

    @Test
    void givesUpAfterFiveTriesWithoutProgress() {
        for (int i = 0; i < 4; i++) {
            registry.plan(BLOB, ScriptedRegistry.status(502));
        }
        assertPulled();
        assertThat(pauses).hasSize(4).isSortedAccordingTo(Duration::compareTo);

        pauses.clear();
        for (int i = 0; i < 5; i++) {
            registry.plan("/v2/a/b/manifests/1", ScriptedRegistry.status(500));
        }
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("status 500");
        assertThat(pauses).hasSize(4);
    }

    @Test
    void eachBitOfProgressGivesNewTries() {
        for (int i = 1; i <= 9; i++) {
            int end = i * 20_000;
            registry.plan(BLOB, (exchange, content) -> {
                String range =
                        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), "bytes=0-");
                int from = Integer.parseInt(range.substring(6, range.indexOf('-')));
                exchange.getResponseHeaders()
                        .add("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
                exchange.sendResponseHeaders(from == 0 ? 200 : 206, content.length - from);
                exchange.getResponseBody().write(content, from, Math.max(0, end - from));
            });
        }
        assertPulled();
        assertThat(ranges()).hasSize(10);
    }

    @Test
    void aRegistryThatAlwaysBeginsAnewAndBreaksOffDoesNotKeepUsForEver() {
        for (int i = 0; i < 20; i++) {
            registry.plan(BLOB, ScriptedRegistry.cutAt(50_000));
        }
        assertThat(failure().code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
        assertThat(ranges()).hasSizeLessThan(10);
    }

    @Test
    void aBodyThatStandsStillIsClosedAndGoneOnWith() {
        registry.plan(BLOB, registry.stallAt(100_000));
        assertPulled();
        assertThat(ranges().get(1)).isEqualTo("bytes=100000-299999");
    }

    @Test
    void anAnswerThatDoesNotComeIsAskedForAgain() {
        registry.plan(MANIFEST, registry.silent());
        assertPulled();
        assertThat(pauses).hasSize(1);
    }

    @Test
    void refusesWhatIsLongerThanItsManifestSays() {
        registry.plan(BLOB, ScriptedRegistry.endless(), ScriptedRegistry.endless());
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        assertThat(failure).hasMessageContaining("longer than its manifest says");
        assertThat(part()).hasSize(0);
    }

    @Test
    void refusesWhatIsShorterThanItsManifestSays() {
        registry.plan(BLOB, ScriptedRegistry.other(new byte[5]), ScriptedRegistry.other(new byte[5]));
        assertThat(failure()).hasMessageContaining("shorter than its manifest says (5 bytes, not 300000)");
    }

    @Test
    void otherContentIsFetchedOnceMoreAndThenRefused() {
        byte[] other = SmallImage.bytes(LAYER.length, 8);
        registry.plan(BLOB, ScriptedRegistry.other(other));
        assertPulled();

        cache = cache.resolve("other");
        registry.plan(BLOB, ScriptedRegistry.other(other), ScriptedRegistry.other(other));
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        assertThat(failure).hasMessageContaining(Sha256.of(LAYER));
        assertThat(cache.resolve("oci/blobs").resolve(Sha256.hex(Sha256.of(LAYER))))
                .doesNotExist();
    }

    @Test
    void aManifestMustBeWhatItsDigestSays() {
        registry.plan(MANIFEST, ScriptedRegistry.status(200, "Docker-Content-Digest=" + Sha256.of(LAYER)));
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        assertThat(failure).hasMessageContaining("not what its digest says");
    }

    @Test
    void aManifestIsBounded() {
        registry.plan(MANIFEST, ScriptedRegistry.endless());
        assertThat(failure().code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
    }

    @Test
    void anImageForAnotherPlatformIsRefusedByItsConfiguration() {
        registry.with("a/b", "1", SmallImage.of("linux", "arm64", LAYER));
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE);
        assertThat(failure).hasMessageContaining("linux/arm64");
    }

    @Test
    void followsARedirectWithoutTheAuthorization() throws IOException {
        try (ScriptedRegistry store = new ScriptedRegistry()) {
            store.put("/bytes", LAYER);
            String basic = "Basic " + Base64.getEncoder().encodeToString("u:p:q".getBytes(StandardCharsets.UTF_8));
            registry.plan(MANIFEST, ScriptedRegistry.guarded("Basic realm=\"x\"", basic, 9));
            registry.plan(BLOB, ScriptedRegistry.status(307, "Location=http://" + store.host() + "/bytes?signature=s"));
            LocalImage image =
                    pull(RegistryOptions.NONE, (host, name) -> Optional.of(new Credential("u", "p:q", false, "f")));
            assertThat(image.layers().getFirst()).hasBinaryContent(LAYER);
            assertThat(registry.requests(BLOB).getFirst().authorization()).isEqualTo(basic);
            assertThat(store.requests("/bytes")).hasSize(1);
            assertThat(store.requests("/bytes").getFirst().authorization()).isEmpty();
        }
    }

    @Test
    void doesNotGoRoundInCircles() {
        for (int i = 0; i < 10; i++) {
            registry.plan(MANIFEST, ScriptedRegistry.status(302, "Location=1"));
        }
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("more than 5 times");
    }

    @Test
    void fetchesATokenAndKeepsIt() {
        String challenge = "Bearer realm=\"http://" + registry.host() + "/token\",service=\"s 1\",scope=\"x\"";
        registry.plan(MANIFEST, ScriptedRegistry.guarded(challenge, "Bearer t1", 9));
        registry.plan(BLOB, ScriptedRegistry.guarded(challenge, "Bearer t1", 9));
        registry.put("/token", "{\"access_token\":\"t1\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8));
        pull();
        assertThat(registry.requests("/token")).hasSize(1);
        ScriptedRegistry.Request request = registry.requests("/token").getFirst();
        assertThat(request.path()).isEqualTo("/token?service=s+1&scope=repository%3Aa%2Fb%3Apull");
        assertThat(request.authorization()).isEmpty();
    }

    @Test
    void aTokenThatIsNotGoodAnyMoreIsFetchedAgain() {
        String challenge = "Bearer realm=\"http://" + registry.host() + "/token\"";
        registry.plan(MANIFEST, ScriptedRegistry.guarded(challenge, "Bearer t1", 9));
        registry.plan(BLOB, ScriptedRegistry.guarded(challenge, "Bearer t2", 9));
        registry.plan(
                "/token",
                ScriptedRegistry.other("{\"token\":\"t1\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8)),
                ScriptedRegistry.other("{\"token\":\"t2\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8)));
        pull();
        assertThat(registry.requests("/token")).hasSize(2);
    }

    @Test
    void exchangesAnIdentityToken() {
        String challenge = "Bearer realm=\"http://" + registry.host() + "/token\"";
        registry.plan(MANIFEST, ScriptedRegistry.guarded(challenge, "Bearer t1", 9));
        registry.put("/token", "{\"access_token\":\"t1\"}".getBytes(StandardCharsets.UTF_8));
        pull(RegistryOptions.NONE, (host, name) -> Optional.of(new Credential("", "i&d", true, "f")));
        ScriptedRegistry.Request request = registry.requests("/token").getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.authorization()).isEmpty();
        assertThat(request.body())
                .isEqualTo(
                        "grant_type=refresh_token&client_id=pyro&service=&scope=repository%3Aa%2Fb%3Apull&refresh_token=i%26d");
    }

    @Test
    void aTokenThatIsRefusedAgainAndAgainIsDenied() {
        String challenge = "Bearer realm=\"http://" + registry.host() + "/token\"";
        registry.plan(MANIFEST, ScriptedRegistry.guarded(challenge, "Bearer never", 9));
        registry.put("/token", "{\"token\":\"t1\"}".getBytes(StandardCharsets.UTF_8));
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
        assertThat(failure).hasMessageContaining("does not exist, or needs a login");
        assertThat(registry.requests("/token").size()).isLessThanOrEqualTo(2);
    }

    @Test
    void asksMirrorsFirstAndTheRegistryWhenTheyFail() throws IOException {
        try (ScriptedRegistry mirror = new ScriptedRegistry().with("cache/a/b", "1", IMAGE);
                ScriptedRegistry broken = new ScriptedRegistry()) {
            broken.plan("/v2/a/b/manifests/1", ScriptedRegistry.status(503));
            mirror.plan(
                    "/v2/cache" + BLOB.substring(3),
                    ScriptedRegistry.other(SmallImage.bytes(LAYER.length, 9)),
                    ScriptedRegistry.good());
            RegistryOptions options = new RegistryOptions(
                    List.of(
                            registry.host() + "=http://" + broken.host(),
                            registry.host() + "=http://" + mirror.host() + "/cache/"),
                    List.of(),
                    List.of());
            LocalImage image = pull(options, (host, name) -> Optional.empty());
            assertThat(image.layers().getFirst()).hasBinaryContent(LAYER);
            assertThat(broken.requests("/")).hasSize(1);
            assertThat(details)
                    .contains("leaves out the mirror " + broken.host() + ": " + broken.host()
                            + " answers with status 503 (\"said so\")");
            assertThat(mirror.requests("manifests")).hasSize(1);
            assertThat(registry.requests("manifests")).isEmpty();
            // The mirror's layer was another one: the registry itself is believed.
            assertThat(registry.requests(BLOB)).hasSize(1);
            assertThat(pauses).isEmpty();
        }
    }

    @Test
    void nobodyListens() {
        registry.close();
        PyroException failure = failure();
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("refuses connections").hasMessageContaining("--plain-http");
        assertThat(pauses).hasSize(4);
    }
}
