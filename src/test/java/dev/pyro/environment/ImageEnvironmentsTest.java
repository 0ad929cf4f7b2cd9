package dev.pyro.environment;

import static dev.pyro.environment.ImageFixture.APP;
import static dev.pyro.environment.ImageFixture.HUB;
import static dev.pyro.environment.ImageFixture.assertFails;
import static dev.pyro.environment.ImageFixture.origin;
import static dev.pyro.environment.ImageFixture.pushed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.Environment;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.ImageConfig;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How environments are made of images, over a registry by hand. */
class ImageEnvironmentsTest {
    @TempDir
    Path folder;

    private ImageFixture fixture;
    private List<Progress> steps;
    private PyroPaths paths;
    private FakeImages images;
    private EnvironmentStore store;

    @BeforeEach
    void open() {
        fixture = new ImageFixture(folder);
        steps = fixture.steps;
        paths = fixture.paths;
        images = fixture.images;
        store = fixture.store;
    }

    @Test
    void anImageIsInstalledOnceAndKeepsWhatItsReferenceStoodForUntilItIsPulled() {
        String first = images.tag(APP, "base", "app");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);

        assertThat(installed.name()).isEqualTo(APP);
        assertThat(installed.version()).isEqualTo(first.substring(7, 19));
        assertThat(installed.source()).isEqualTo("oci");
        assertThat(installed.digest()).isEqualTo(FakeSource.digest("baseapp"));
        assertThat(installed.rootfsImage()).hasContent("baseapp");
        assertThat(installed.image())
                .isEqualTo(new ImageOrigin(
                        APP,
                        first,
                        1_700_000_000,
                        new ImageSettings(
                                List.of("PATH=/bin", "A=b"),
                                "/srv",
                                "app",
                                1000,
                                100,
                                List.of(),
                                List.of("sh"),
                                Map.of("k", "v"),
                                false)));
        assertThat(steps).extracting(Progress::subject).containsOnly(APP);
        assertThat(steps).extracting(Progress::operation).containsOnly("pull");
        assertThat(steps).extracting(Progress::phase).containsSubsequence("resolve", "install", "download", "unpack");
        assertThat(paths.staging()).isEmptyDirectory();

        String second = images.tag(APP, "base", "newer");
        assertThat(store.ensureInstalled(APP, steps::add)).isEqualTo(installed);
        assertThat(store.find(APP)).contains(installed);
        assertThat(images.resolved).as("nobody was asked again").hasValue(1);

        InstalledEnvironment current = store.pull(APP, steps::add);
        assertThat(current.digest()).isEqualTo(FakeSource.digest("basenewer"));
        assertThat(current.image()).extracting(ImageOrigin::manifestDigest).isEqualTo(second);
        assertThat(store.find(APP)).contains(current);
        assertThat(images.fetches).as("shared layers are fetched once").containsOnlyKeys("base", "app", "newer");
        assertThat(images.fetches.values()).containsOnly(1);
        assertThat(store.withDigest(installed.digest()).rootfsImage())
                .as("machines may still run from the old one")
                .exists();
    }

    @Test
    void aPullOfWhatIsThereUnpacksNothing() {
        images.tag(APP, "a");
        store.pull(APP, steps::add);
        RegistryOptions options = new RegistryOptions(List.of("http://m"), List.of(), List.of());
        InstalledEnvironment again = store.pull(APP, options, steps::add);

        assertThat(images.resolved).hasValue(2);
        assertThat(images.unpacked).hasValue(1);
        assertThat(images.options).containsExactly(RegistryOptions.NONE, options);
        assertThat(steps.getLast()).isEqualTo(Progress.of("pull", "ready", APP));
        assertThat(store.find(APP)).contains(again);
    }

    @Test
    void aPullThatFailsLeavesWhatIsInstalled() {
        images.tag(APP, "a");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        images.remove(APP);

        assertFails(() -> store.pull(APP, steps::add), ErrorCode.IMAGE_NOT_FOUND)
                .hasMessageNotContaining("debian");
        assertThat(store.find(APP)).contains(installed);

        images.tag(APP, "b");
        images.whileUnpacking = () -> {
            throw new PyroException(ErrorCode.ARCHIVE_REFUSED, "the fake refuses");
        };
        assertFails(() -> store.pull(APP, steps::add), ErrorCode.ARCHIVE_REFUSED);
        assertThat(store.find(APP)).contains(installed);
        assertThat(store.ensureInstalled(APP, steps::add)).isEqualTo(installed);
        assertThat(paths.staging()).isEmptyDirectory();
    }

    @Test
    void aFolderOfTheSameContentStaysWhatIsMadeOfIt() throws IOException {
        fixture.source.content = "same";
        InstalledEnvironment ours = store.ensureInstalled("debian:12", steps::add);
        Path used = Files.createDirectory(ours.directory().resolve("tree-0"));
        images.tag(APP, "debian:121", "same");

        InstalledEnvironment app = store.ensureInstalled(APP, steps::add);

        assertThat(app.directory()).isEqualTo(ours.directory());
        assertThat(used).exists();
        assertThat(store.find("debian:12")).contains(ours);
        assertThat(ours.source()).isEqualTo("fake");
        assertThat(app.source()).isEqualTo("oci");
        assertThat(paths.staging()).isEmptyDirectory();
    }

    @Test
    void manyAtOnceUnpackOnce() throws Exception {
        images.tag(APP, "a", "b");
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<InstalledEnvironment>> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Callable<InstalledEnvironment> install =
                        () -> fixture.store(Optional.empty()).ensureInstalled(APP, Progress.Listener.NONE);
                results.add(threads.submit(install));
            }
            for (Future<InstalledEnvironment> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS).digest()).isEqualTo(FakeSource.digest("ab"));
            }
        }
        assertThat(images.unpacked).hasValue(1);
    }

    @Test
    void anInterruptedUnpackingLeavesNothing() {
        images.tag(APP, "a");
        images.whileUnpacking = () -> {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "the fake was interrupted");
        };
        assertFails(() -> store.pull(APP, steps::add), ErrorCode.INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(paths.staging()).isEmptyDirectory();
        assertThat(paths.environments()).doesNotExist();
    }

    @Test
    void anImageOfOursIsHeldToWhatItSays() {
        images.tag(APP, pushed("debian:12", "3.1", "other"), "tree");
        assertFails(() -> store.ensureInstalled(APP, steps::add), ErrorCode.IMAGE_CORRUPT)
                .hasMessageContaining(FakeSource.digest("other"))
                .hasMessageContaining(FakeSource.digest("tree"));
        assertThat(store.find(APP)).isEmpty();

        ImageConfig base = pushed("debian:12", "3.1", "tree");
        ImageConfig derived = new ImageConfig(
                base.env(),
                null,
                null,
                List.of(),
                List.of(),
                base.labels(),
                null,
                List.of(base.diffIds().getFirst(), FakeSource.digest("more")));
        images.tag(APP, derived, "tree", "more");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        assertThat(installed.digest()).isEqualTo(FakeSource.digest("treemore"));
        assertThat(origin(installed).settings().loginShell())
                .as("what was made of ours has variables of its own")
                .isFalse();
    }

    @Test
    void whatAnImageSaysOfItselfIsShownWithinBounds() {
        ImageConfig config = new ImageConfig(
                List.of(),
                "",
                "",
                List.of(),
                List.of(),
                Map.of("org.opencontainers.image.title", "T".repeat(1000), "long", "x".repeat(5000)),
                null,
                List.of());
        images.tag(APP, config, "a");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        assertThat(origin(installed).settings().labels()).containsOnlyKeys("org.opencontainers.image.title");
        assertThat(origin(installed).settings().workingDir()).isNull();
        assertThat(origin(installed).settings().user()).isNull();
        Environment shown = store.descriptions().of(APP, null);
        assertThat(shown.description()).isEqualTo("T".repeat(200));
        assertThat(shown.distribution()).isEqualTo("fakeos");
        assertThat(shown.distributionVersion()).isEqualTo("7");
        assertThat(shown.registry()).isEqualTo(new Environment.Registry("registry.example:5000", "team/app", "1"));

        Environment absent = store.descriptions().of(HUB, null);
        assertThat(absent.installation()).isNull();
        assertThat(absent.version()).isEmpty();
        assertThat(absent.description()).isEqualTo("Image docker.io/library/python:3.12");
        assertThat(images.resolved).as("to look is not to ask").hasValue(1);

        List<String> huge = List.of("A=" + "x".repeat(300_000));
        images.tag(HUB, new ImageConfig(huge, null, null, List.of(), List.of(), Map.of(), null, List.of()), "b");
        assertFails(() -> store.ensureInstalled(HUB, steps::add), ErrorCode.IMAGE_UNSUITABLE);
    }

    @Test
    void waitsForWhoeverUnpacks() throws Exception {
        images.tag(APP, "a");
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<InstalledEnvironment> result;
            try (InterProcessLock _ = InterProcessLock.tryAcquire(new EnvironmentLayout(paths).imageLock())
                    .orElseThrow()) {
                result = threads.submit(() -> store.ensureInstalled(APP, steps::add));
                await().until(() -> steps.stream().anyMatch(step -> step.phase().equals("wait")));
                assertThat(images.unpacked).hasValue(0);
            }
            assertThat(result.get(20, TimeUnit.SECONDS).rootfsImage()).hasContent("a");
        }
    }
}
