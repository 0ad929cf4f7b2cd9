package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that a registry sends us to, and what is said of those that fail or keep us waiting. */
class RegistryHostsTest {
    private static final byte[] LAYER = SmallImage.bytes(300_000, 7);
    private static final SmallImage IMAGE = SmallImage.of(LAYER);
    private static final String BLOB = "/v2/a/b/blobs/" + Sha256.of(LAYER);
    private static final String MANIFEST = "/v2/a/b/manifests/1";
    private static final Duration STALL = Duration.ofMillis(500);

    @TempDir
    private Path cache;

    private ScriptedRegistry registry;
    private ScriptedRegistry other;
    private Map<String, String> environment = Map.of();
    private HttpBounds bounds = bounds(STALL);
    private int tries = 5;
    private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    private final List<Progress> steps = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() throws IOException {
        registry = new ScriptedRegistry().with("a/b", "1", IMAGE);
        other = new ScriptedRegistry().with("a/b", "1", IMAGE);
    }

    @AfterEach
    void stop() {
        registry.close();
        other.close();
    }

    /** So many bytes have to come in a second, over five windows. */
    private static HttpBounds bounds(Duration stall) {
        return new HttpBounds(Duration.ofSeconds(5), Duration.ofSeconds(2), stall, 50_000);
    }

    private void pull() {
        pull(RegistryOptions.NONE);
    }

    private void pull(RegistryOptions options) {
        Images images = new Images(
                new BlobStore(new PyroPaths(cache, cache.resolve("state"))),
                RegistrySettings.of(environment),
                (host, name) -> Optional.of(new Credential("u", "secret", false, "a test")),
                bounds,
                new Retry("fetching an image", tries, Duration.ofMillis(500), Duration.ofSeconds(8), pauses::add));
        ImageReference reference =
                ImageReference.parse(registry.host() + "/a/b:1", cache).orElseThrow();
        try (ImageSource source = images.open(reference, options)) {
            LocalImage image = source.fetch(source.resolve(steps::add), steps::add);
            assertThat(image.layers().getFirst()).hasBinaryContent(LAYER);
        }
    }

    private PyroException failure(ErrorCode code) {
        PyroException failure = failure(RegistryOptions.NONE);
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        return failure;
    }

    private PyroException failure(RegistryOptions options) {
        return Objects.requireNonNull(catchThrowableOfType(PyroException.class, () -> pull(options)));
    }

    private static void planAlways(ScriptedRegistry where, String path, ScriptedRegistry.Answer answer) {
        where.plan(path, Collections.nCopies(20, answer).toArray(ScriptedRegistry.Answer[]::new));
    }

    @Test
    void aHostBehindARedirectIsNamedWhenItRefuses() {
        planAlways(registry, BLOB, ScriptedRegistry.status(307, "Location=http://" + other.host() + "/bytes"));
        other.close();
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageStartingWith(
                        "cannot pull " + registry.host() + "/a/b:1: " + other.host() + " refuses connections");
    }

    @Test
    void aHostBehindARedirectIsNamedWhenItBreaksOffOrIsBusy() {
        planAlways(registry, BLOB, ScriptedRegistry.status(307, "Location=http://" + other.host() + BLOB));
        planAlways(other, BLOB, other.stallAt(0));
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageContaining(": " + other.host() + " breaks off (nothing came");

        registry.plan(MANIFEST, ScriptedRegistry.status(307, "Location=http://" + other.host() + MANIFEST));
        other.plan(MANIFEST, ScriptedRegistry.status(520, "Retry-After=3600"));
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageContaining(
                        ": " + other.host() + " answers with status 520 (\"said so\") and wants to be left");
    }

    @Test
    void whatGivesTokensIsNamed() {
        tries = 2;
        String challenge = "Bearer realm=\"http://" + other.host() + "/token\"";
        planAlways(registry, MANIFEST, ScriptedRegistry.status(401, "WWW-Authenticate=" + challenge));
        planAlways(other, "/token", other.silent());
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageContaining(": " + other.host() + " does not answer in time");
        other.close();
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageContaining(": " + other.host() + " refuses connections");
    }

    @Test
    void aProxyIsNamed() {
        environment = Map.of("HTTP_PROXY", "http://" + other.host());
        other.close();
        planAlways(registry, MANIFEST, ScriptedRegistry.status(307, "Location=http://named.example" + MANIFEST));
        RegistryOptions options = new RegistryOptions(List.of(), List.of(), List.of("named.example"));
        assertThat(failure(options))
                .hasMessageContaining(": named.example (through the proxy " + other.host() + ") refuses connections");
    }

    @Test
    void noPasswordGoesToAHostWithoutTls() {
        String challenge = "Bearer realm=\"http://tokens.example/t\"";
        registry.plan(MANIFEST, ScriptedRegistry.status(401, "WWW-Authenticate=" + challenge));
        // Whatever was sent would come by here.
        environment = Map.of("HTTP_PROXY", "http://" + other.host());
        assertThat(failure(ErrorCode.REGISTRY_DENIED)).hasMessageContaining("where no credentials may go");
        registry.plan(MANIFEST, ScriptedRegistry.status(302, "Location=http://cdn.example/m"));
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE)).hasMessageContaining("which has no TLS");
        assertThat(other.requests("")).isEmpty();
    }

    @Test
    void whatGivesTokensIsWaitedForWhenItIsBusy() {
        String challenge = "Bearer realm=\"http://" + other.host() + "/token\"";
        registry.plan(MANIFEST, ScriptedRegistry.guarded(challenge, "Bearer t1", 9));
        other.put("/token", "{\"token\":\"t1\"}".getBytes(StandardCharsets.UTF_8));
        other.plan("/token", ScriptedRegistry.status(429, "Retry-After=4"));
        pull();
        assertThat(pauses).containsExactly(Duration.ofSeconds(4));
        assertThat(steps).contains(notice("resolve", 2, other));
    }

    @Test
    void eachPauseIsTold() {
        registry.plan(
                BLOB,
                ScriptedRegistry.status(429, "Retry-After=4"),
                ScriptedRegistry.cutAt(100_000),
                ScriptedRegistry.status(429, "Retry-After=4"));
        pull();
        assertThat(steps)
                .as("what a try brought makes none of them undone")
                .contains(notice("download", 2, registry), notice("download", 4, registry));
    }

    private Progress notice(String phase, int attempt, ScriptedRegistry who) {
        return new Progress(
                "pull",
                phase,
                registry.host() + "/a/b:1",
                null,
                "waits 4 s before try " + attempt + ": " + who.host() + " answers with status 429 (\"said so\")");
    }

    @Test
    void whoDripsIsLeftHoweverOftenSomethingComes() {
        bounds = bounds(Duration.ofMillis(200));
        planAlways(registry, BLOB, registry.dripping(1_500, Duration.ofMillis(50)));
        assertThat(failure(ErrorCode.REGISTRY_UNAVAILABLE))
                .hasMessageContaining(": " + registry.host() + " is too slow (less than 50000 bytes a second")
                .hasMessageContaining("what was fetched is kept");
        // A machine that is busy itself may be late, and then it is not the rate that ends a try.
        assertThat(registry.requests(BLOB)).hasSizeBetween(Retry.MAX_SLOW_TRIES, 3 * Retry.MAX_SLOW_TRIES);
    }

    @Test
    void whoIsSlowButKeepsTheRateIsNotLeft() {
        planAlways(registry, BLOB, registry.dripping(10_000, Duration.ofMillis(50)));
        pull();
        // A machine that is busy itself may be late once.
        assertThat(registry.requests(BLOB)).hasSizeLessThan(Retry.MAX_SLOW_TRIES);
    }

    private RegistryOptions mirrored() {
        return new RegistryOptions(List.of(registry.host() + "=http://" + other.host()), List.of(), List.of());
    }

    @Test
    void aMirrorThatDripsIsLeftForTheRegistry() {
        // Long enough for something to be read of it on a busy machine.
        bounds = bounds(Duration.ofSeconds(1));
        planAlways(other, BLOB, other.dripping(1_500, Duration.ofMillis(50)));
        pull(mirrored());
        assertThat(other.requests(BLOB)).hasSize(1);
        assertThat(registry.requests(BLOB))
                .singleElement()
                .satisfies(request -> assertThat(request.range()).startsWith("bytes="));
        assertThat(steps).extracting(Progress::detail).anyMatch(detail -> detail.startsWith(leftOut("broke off, or")));
    }

    @Test
    void aMirrorThatBreaksOffIsLeft() {
        other.plan(BLOB, ScriptedRegistry.cutAt(100_000), ScriptedRegistry.status(503));
        pull(mirrored());
        assertThat(registry.requests(BLOB))
                .singleElement()
                .satisfies(request -> assertThat(request.range()).startsWith("bytes="));
        assertThat(steps)
                .extracting(Progress::detail)
                .filteredOn(detail -> detail.startsWith(leftOut("")))
                .hasSize(1);
    }

    private String leftOut(String reason) {
        return "leaves out the mirror " + other.host() + ": " + other.host() + " " + reason;
    }

    @Test
    void whatAMirrorDidIsSaidWithWhatTheRegistryDid() {
        other.plan(MANIFEST, ScriptedRegistry.status(307, "Location=http://cdn.example:81/m"));
        registry.plan(MANIFEST, ScriptedRegistry.status(404));
        assertThat(failure(mirrored()))
                .hasMessageStartingWith(registry.host() + " has no image ")
                .hasMessageContaining("; and the mirror " + other.host() + " is left out: the registry at "
                        + other.host() + " redirects to \"http://cdn.example:81/m\", which has no TLS")
                .hasMessageContaining("--plain-http cdn.example:81 ");

        registry.close();
        other.plan(MANIFEST, ScriptedRegistry.status(503));
        assertThat(failure(mirrored()))
                .hasMessageStartingWith("cannot pull " + registry.host() + "/a/b:1: " + registry.host() + " refuses")
                .hasMessageContaining("; and the mirror " + other.host() + " is left out: " + other.host()
                        + " answers with status 503");
    }
}
