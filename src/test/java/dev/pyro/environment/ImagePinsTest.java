package dev.pyro.environment;

import static dev.pyro.environment.ImageFixture.APP;
import static dev.pyro.environment.ImageFixture.HUB;
import static dev.pyro.environment.ImageFixture.assertFails;
import static dev.pyro.environment.ImageFixture.origin;
import static dev.pyro.environment.ImageFixture.pushed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a reference means what it was found to stand for. */
class ImagePinsTest {
    private static final ImageSettings SETTINGS =
            new ImageSettings(List.of(), null, null, null, null, List.of(), List.of(), Map.of(), true);

    @TempDir
    Path folder;

    private ImageFixture fixture;
    private List<Progress> steps;
    private FakeImages images;
    private EnvironmentStore store;

    @BeforeEach
    void open() {
        fixture = new ImageFixture(folder);
        steps = fixture.steps;
        images = fixture.images;
        store = fixture.store;
    }

    @Test
    void aDamagedEnvironmentIsMadeAgainOfTheSameImage() throws IOException {
        images.tag(APP, "a", "b");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        images.tag(APP, "c");
        Files.delete(installed.rootfsImage());
        fixture.now = fixture.now.plusSeconds(60);

        assertThat(store.find(APP)).isEmpty();
        InstalledEnvironment again = store.ensureInstalled(APP, steps::add);
        assertThat(again.rootfsImage()).hasContent("ab");
        assertThat(again.image()).as("and the time at which it was asked for").isEqualTo(installed.image());
        assertThat(images.fetches).as("of the blobs that are there").isEqualTo(Map.of("a", 1, "b", 1));

        Files.delete(again.rootfsImage());
        images.forget(origin(again).manifestDigest());
        assertFails(() -> store.ensureInstalled(APP, steps::add), ErrorCode.IMAGE_NOT_FOUND)
                .hasMessageContaining("pyro env pull " + APP);
        assertThat(store.pull(APP, steps::add).rootfsImage()).hasContent("c");
    }

    @Test
    void whatTheCatalogueStoodForIsNotSaidToBeMissingInTheRegistry() throws IOException {
        EnvironmentStore there = fixture.store(Optional.of(new CatalogueRegistry("localhost:5000/pyro")));
        String digest = images.tag("localhost:5000/pyro/debian:12", pushed("debian:12", "3.1", "a"), "a");
        Files.delete(there.ensureInstalled("debian:12", steps::add).rootfsImage());
        images.tag("localhost:5000/pyro/debian:12", pushed("debian:12", "3.2", "b"), "b");
        images.forget(digest);
        assertFails(() -> there.ensureInstalled("debian:12", steps::add), ErrorCode.IMAGE_NOT_FOUND)
                .hasMessageContaining("`pyro env pull debian:12` takes what it stands for now")
                .hasMessageNotContaining("env push");
        assertThat(there.pull("debian:12", steps::add).rootfsImage()).hasContent("b");
    }

    @Test
    void whatAReferenceStoodForOutlivesACleanUpUnlessAllGoes() throws IOException {
        images.tag(APP, "a");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        images.tag(APP, "b");
        Files.delete(installed.rootfsImage());
        fixture.blobsAreOld();

        PrunedEnvironments pruned = store.prune(false, false, digest -> false);
        assertThat(pruned.environmentDirs()).containsExactly(installed.directory());
        assertThat(pruned.layers()).isEqualTo(1);
        assertThat(store.find(APP)).isEmpty();
        assertThat(store.descriptions().all(null))
                .as("it is not installed, and not one of ours")
                .hasSize(2);
        assertThat(store.ensureInstalled(APP, steps::add).rootfsImage()).hasContent("a");
        assertThat(images.fetches).as("anew, by its digest").isEqualTo(Map.of("a", 2));

        store.prune(true, false, digest -> false);
        assertThat(store.ensureInstalled(APP, steps::add).rootfsImage()).hasContent("b");
    }

    @Test
    void whoAskedFirstAndIsDoneLastReplacesNothingNewer() {
        images.tag(HUB, "newer");
        store.ensureInstalled(HUB, steps::add);
        images.tag(APP, "older");
        images.whileUnpacking = () -> {
            fixture.now = fixture.now.plusSeconds(60);
            images.tag(APP, "newer");
            assertThat(store.pull(APP, steps::add).rootfsImage()).hasContent("newer");
        };
        InstalledEnvironment slow = store.pull(APP, steps::add);

        assertThat(slow.rootfsImage()).hasContent("newer");
        assertThat(slow.name()).isEqualTo(APP);
        assertThat(store.find(APP)).contains(slow);
        assertThat(images.unpacked).hasValue(2);
    }

    @Test
    void whoAskedFirstAndIsAnsweredLastReplacesNothingNewer() {
        images.tag(APP, "older");
        images.whileResolving = () -> {
            images.whileResolving = () -> {};
            fixture.now = fixture.now.plusSeconds(60);
            images.tag(APP, "newer");
            store.pull(APP, steps::add);
        };
        assertThat(store.pull(APP, steps::add).rootfsImage()).hasContent("newer");
        assertThat(store.find(APP))
                .get()
                .extracting(it -> origin(it).pulledAt())
                .isEqualTo(1_700_000_060L);
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io/library/python:3.12, true",
        "registry.example:5000/team/app:1, true",
        "registry.example/app@sha256:DIGEST, false",
        "registry.example/app:1@sha256:DIGEST, false",
        "oci:/here/layout:1, false",
        "docker-archive:/a.tar, false",
        "docker-archive:/a.tar:app:1, false",
        "'', false",
        ", false"
    })
    void aTagOfARegistryIsPinnedAndNothingElse(@Nullable String reference, boolean pinned) {
        String digest = FakeSource.digest("a");
        @Nullable String recorded = reference == null ? null : reference.replace("sha256:DIGEST", digest);
        ImageOrigin image = new ImageOrigin(recorded, digest, 1, SETTINGS);
        assertThat(new NamedEnvironment("n", digest, NamedEnvironment.OCI, "1", image).pins())
                .isEqualTo(pinned);
    }

    @Test
    void whatIsMadeOfPackagesPinsNothing() {
        assertThat(new NamedEnvironment("n", FakeSource.digest("a"), "local", "1", null).pins())
                .isFalse();
    }

    @Test
    void aClockThatWentWrongHoldsNothingUp() {
        images.tag(APP, "a");
        fixture.now = fixture.now.plusSeconds(1_000_000);
        store.pull(APP, steps::add);
        fixture.now = fixture.now.minusSeconds(1_000_000);
        images.tag(APP, "b");
        assertThat(store.pull(APP, steps::add).rootfsImage()).hasContent("b");
        assertThat(store.find(APP))
                .get()
                .extracting(InstalledEnvironment::digest)
                .isEqualTo(FakeSource.digest("b"));
    }
}
