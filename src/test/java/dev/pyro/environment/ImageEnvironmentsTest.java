package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.Environment;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.ImageConfig;
import dev.pyro.oci.LayoutReference;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTools;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What names of images stand for, over a registry by hand. */
class ImageEnvironmentsTest {
    private static final String APP = "registry.example:5000/team/app:1";
    private static final String HUB = "python:3.12";

    @TempDir
    Path folder;

    private final FakeSource source = new FakeSource();
    private final List<Progress> steps = Collections.synchronizedList(new ArrayList<>());
    private PyroPaths paths;
    private FakeImages images;
    private EnvironmentStore store;

    @BeforeEach
    void open() {
        paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        images = new FakeImages(paths);
        store = store(Optional.empty());
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
    void anImageThatMayBeAMisspeltNameOfOursNamesOurs() {
        for (ErrorCode code :
                List.of(ErrorCode.IMAGE_NOT_FOUND, ErrorCode.REGISTRY_UNAVAILABLE, ErrorCode.REGISTRY_DENIED)) {
            images.failure = code;
            assertFails(() -> store.ensureInstalled("debian:13", steps::add), code)
                    .hasMessageEndingWith("; Pyro's own environments are debian:12, debian:12-base");
            assertFails(() -> store.ensureInstalled("docker.io/library/debian:13", steps::add), code)
                    .hasMessageNotContaining("own environments");
        }
        assertThat(paths.environments()).doesNotExist();
    }

    @Test
    void twoNamesOfOneImageShareItsFolderAndKeepTheirOwnOrigins() {
        String digest = images.tag(APP, "a");
        images.tag(HUB, "a");
        InstalledEnvironment app = store.ensureInstalled(APP, steps::add);
        InstalledEnvironment hub = store.ensureInstalled(HUB, steps::add);
        InstalledEnvironment pinned = store.ensureInstalled("registry.example:5000/team/app@" + digest, steps::add);

        assertThat(images.unpacked).hasValue(1);
        assertThat(hub.directory()).isEqualTo(app.directory());
        assertThat(pinned.directory()).isEqualTo(app.directory());
        assertThat(store.find("docker.io/library/python:3.12")).contains(hub);
        assertThat(hub.name()).isEqualTo(HUB);
        assertThat(hub.image()).extracting(ImageOrigin::reference).isEqualTo("docker.io/library/python:3.12");
        assertThat(store.find(APP)).contains(app);
        assertThat(store.descriptions().all(null))
                .extracting(Environment::name)
                .containsExactly("debian:12", "debian:12-base", HUB, APP, "registry.example:5000/team/app@" + digest);
    }

    @Test
    void aFolderOfTheSameContentStaysWhatIsMadeOfIt() throws IOException {
        source.content = "same";
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
    void aDamagedEnvironmentIsMadeAgainOfTheSameImage() throws IOException {
        images.tag(APP, "a", "b");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        images.tag(APP, "c");
        Files.delete(installed.rootfsImage());

        assertThat(store.find(APP)).isEmpty();
        InstalledEnvironment again = store.ensureInstalled(APP, steps::add);
        assertThat(again.rootfsImage()).hasContent("ab");
        assertThat(again.image()).extracting(ImageOrigin::reference).isEqualTo(APP);
        assertThat(images.fetches).as("of the blobs that are there").isEqualTo(Map.of("a", 1, "b", 1));

        Files.delete(again.rootfsImage());
        images.forget(origin(again).manifestDigest());
        assertFails(() -> store.ensureInstalled(APP, steps::add), ErrorCode.IMAGE_NOT_FOUND)
                .hasMessageContaining("pyro env pull " + APP);
        assertThat(store.pull(APP, steps::add).rootfsImage()).hasContent("c");
    }

    @Test
    void manyAtOnceUnpackOnce() throws Exception {
        images.tag(APP, "a", "b");
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<InstalledEnvironment>> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Callable<InstalledEnvironment> install =
                        () -> store(Optional.empty()).ensureInstalled(APP, Progress.Listener.NONE);
                results.add(threads.submit(install));
            }
            for (Future<InstalledEnvironment> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS).digest()).isEqualTo(FakeSource.digest("ab"));
            }
        }
        assertThat(images.unpacked).hasValue(1);
    }

    @Test
    void layersThatACleanUpTookAreFetchedAgain() {
        images.tag(APP, "a", "b");
        images.afterFetch = () -> {
            images.afterFetch = () -> {};
            assertThat(store.prune(true, false, digest -> false).layers()).isEqualTo(2);
        };
        assertThat(store.ensureInstalled(APP, steps::add).rootfsImage()).hasContent("ab");
        assertThat(images.fetches).isEqualTo(Map.of("a", 2, "b", 2));

        images.tag(HUB, "c");
        images.afterFetch = () -> store.prune(true, false, digest -> false);
        assertFails(() -> store.ensureInstalled(HUB, steps::add), ErrorCode.STORAGE_UNUSABLE);
        assertThat(images.fetches).as("not for ever").containsEntry("c", 3);
        assertThat(paths.staging()).isEmptyDirectory();
    }

    @Test
    void anUnpackingKeepsItsLayersFromACleanUp() {
        images.tag(APP, "a");
        images.whileUnpacking = () ->
                assertThat(store.prune(true, false, digest -> false).layers()).isZero();
        assertThat(store.ensureInstalled(APP, steps::add).rootfsImage()).hasContent("a");
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
    void theCatalogueComesFromTheRegistryThatIsNamed() {
        EnvironmentStore there = store(Optional.of(new CatalogueRegistry("localhost:5000/pyro")));
        assertFails(() -> there.ensureInstalled("debian:12", steps::add), ErrorCode.IMAGE_NOT_FOUND)
                .hasMessageContaining("pyro env push debian:12 localhost:5000/pyro/debian:12")
                .hasMessageContaining("unset PYRO_ENV_REGISTRY");
        assertThat(source.builds).as("no fall-back").hasValue(0);

        String digest = images.tag("localhost:5000/pyro/debian:12", pushed("debian:12", "3.1", "tree"), "tree");
        InstalledEnvironment installed = there.ensureInstalled("debian:12", steps::add);
        assertThat(installed.name()).isEqualTo("debian:12");
        assertThat(installed.version()).isEqualTo("3.1");
        assertThat(installed.source()).isEqualTo("oci");
        assertThat(origin(installed).settings().loginShell()).isTrue();
        assertThat(steps).extracting(Progress::phase).contains("install");

        Environment shown = there.descriptions().of("debian:12", null);
        assertThat(shown.registry()).isEqualTo(new Environment.Registry("localhost:5000", "pyro/debian", "12"));
        assertThat(shown.version()).isEqualTo("3.1");
        assertThat(Objects.requireNonNull(shown.installation()).imageDigest()).isEqualTo(digest);
        assertThat(there.descriptions().of("debian:12-base", null).registry())
                .as("also before it is installed")
                .isEqualTo(new Environment.Registry("localhost:5000", "pyro/debian", "12-base"));

        assertThat(store.ensureInstalled("debian:12", steps::add))
                .as("stays when the variable goes")
                .isEqualTo(installed);
        assertThat(store.descriptions().of("debian:12", null).registry())
                .isEqualTo(new Environment.Registry("localhost:5000", "pyro/debian", "12"));
        InstalledEnvironment local = store.pull("debian:12", steps::add);
        assertThat(local.source()).as("until it is pulled").isEqualTo("fake");
        assertThat(local.image()).isNull();
        assertThat(store.descriptions().of("debian:12", null).registry()).isNull();
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
    void whatWasBuiltHereHasANameOfItsOwn() {
        images.tag("oci:/layout:built", "a", "b");
        LayoutReference layout = new LayoutReference(Path.of("/layout"), "built");
        InstalledEnvironment built = store.installBuilt("my/app:1", layout, steps::add);

        assertThat(built.source()).isEqualTo("dockerfile");
        assertThat(origin(built).reference()).isNull();
        assertThat(store.find("my/app:1")).contains(built);
        assertThat(store.ensureInstalled("my/app:1", steps::add)).isEqualTo(built);
        assertThat(store.pull("my/app:1", steps::add)).isEqualTo(built);
        assertThat(images.resolved).hasValue(1);
        images.tag("docker.io/my/app:1", "hub");
        InstalledEnvironment hub = store.ensureInstalled("docker.io/my/app:1", steps::add);
        assertThat(hub.name()).as("the short form means the other one").isEqualTo("docker.io/my/app:1");
        assertThat(hub.digest()).isNotEqualTo(built.digest());
        assertThat(store.find("my/app:1")).contains(built);
        assertThat(store.descriptions().all(null))
                .extracting(Environment::name)
                .containsExactly("debian:12", "debian:12-base", "docker.io/my/app:1", "my/app:1");

        for (String bad : List.of("debian:12", "", "../x", "A", "a b", "image-" + "0".repeat(64), "x".repeat(121))) {
            assertFails(() -> store.installBuilt(bad, layout, steps::add), ErrorCode.INVALID_ARGUMENT);
        }
    }

    @Test
    void pruneFollowsTheNames() throws IOException {
        images.tag(APP, "base", "a");
        images.tag(HUB, "base", "b");
        InstalledEnvironment old = store.ensureInstalled(APP, steps::add);
        InstalledEnvironment hub = store.ensureInstalled(HUB, steps::add);
        images.tag(APP, "base", "c");
        InstalledEnvironment app = store.pull(APP, steps::add);
        Path dead = Files.createDirectories(paths.staging().resolve("image.0123"));
        Files.writeString(dead.resolve("half"), "half");
        blobsAreOld();

        PrunedEnvironments trial = store.prune(false, true, digest -> false);
        assertThat(old.directory()).as("a trial deletes nothing").exists();
        assertThat(dead).exists();
        PrunedEnvironments pruned = store.prune(false, false, digest -> false);

        assertThat(pruned.environmentDirs()).containsExactly(old.directory());
        assertThat(pruned.images()).isEqualTo(1);
        assertThat(pruned.layers()).as("the layer that only the old one has").isEqualTo(1);
        assertThat(pruned.layerBytes()).isEqualTo(1);
        assertThat(trial)
                .isEqualTo(new PrunedEnvironments(
                        true,
                        pruned.environments(),
                        pruned.images(),
                        pruned.layers(),
                        pruned.layerBytes(),
                        pruned.templates(),
                        pruned.freedBytes()));
        assertThat(dead).doesNotExist();
        assertThat(store.find(APP)).contains(app);
        assertThat(store.find(HUB)).contains(hub);

        images.tag(APP, "base", "d");
        store.pull(APP, steps::add);
        assertThat(images.fetches).as("the base layer was kept").containsEntry("base", 1);
    }

    @Test
    void pruneOfAllKeepsWhatMachinesUseAndWhatThatIsMadeOf() {
        images.tag(APP, "base", "a");
        images.tag(HUB, "base", "b");
        InstalledEnvironment used = store.ensureInstalled(APP, steps::add);
        InstalledEnvironment unused = store.ensureInstalled(HUB, steps::add);

        PrunedEnvironments pruned = store.prune(true, false, used.digest()::equals);

        assertThat(pruned.environmentDirs()).containsExactly(unused.directory());
        assertThat(pruned.images()).isEqualTo(1);
        assertThat(pruned.layers()).isEqualTo(1);
        assertThat(store.find(APP)).contains(used);
        assertThat(store.find(HUB)).isEmpty();
        assertThat(store.descriptions().all(null)).hasSize(3);
        assertThat(store.prune(true, false, digest -> false).layers()).isEqualTo(2);
        assertThat(store.descriptions().all(null)).hasSize(2);
    }

    @Test
    void pruneKeepsNewLayersThatNoRecordTellsOf() throws IOException {
        images.tag(APP, "a");
        images.afterFetch = () -> {
            throw new PyroException(ErrorCode.INTERRUPTED, "killed");
        };
        assertFails(() -> store.pull(APP, steps::add), ErrorCode.INTERRUPTED);
        assertThat(store.prune(false, false, digest -> false).layers()).isZero();
        blobsAreOld();
        assertThat(store.prune(false, false, digest -> false).layers()).isEqualTo(1);
    }

    @Test
    void recordsOfANewerPyroAreRefusedAndKeepTheirLayers() throws IOException {
        images.tag(APP, "a");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        Path record = only(paths.cache().resolve("oci/images"));
        String text = Files.readString(record);
        blobsAreOld();
        Files.writeString(record, text.replace("\"format_version\": 1", "\"format_version\": 2"));
        assertThat(store.prune(true, false, installed.digest()::equals).layers())
                .isZero();
        assertThat(record).exists();
        assertFails(() -> store.pull(APP, steps::add), ErrorCode.RECORD_TOO_NEW);

        Files.writeString(record, text.replace("\"layers\"", "\"later\": 1,\n  \"layers\""));
        assertThat(store.pull(APP, steps::add)).as("more fields are fine").isEqualTo(installed);
        Path name = only(paths.environments().resolve("names"));
        Files.writeString(name, Files.readString(name).replace("\"format_version\": 1", "\"format_version\": 2"));
        assertFails(() -> store.find(APP), ErrorCode.RECORD_TOO_NEW);
        assertThat(store.descriptions().all(null))
                .as("the others can be listed")
                .hasSize(2);
    }

    @Test
    void damagedRecordsAreNotUsed() throws IOException {
        images.tag(APP, "a");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        Path record = only(paths.cache().resolve("oci/images"));
        Path name = only(paths.environments().resolve("names"));
        String nameText = Files.readString(name);
        for (String damage : List.of("", "{}", "{\"format_version\": 1, ", nameText.replace("sha256:", "sha255:"))) {
            Files.writeString(record, damage);
            Files.writeString(name, damage);
            assertThat(store.find(APP)).isEmpty();
            assertThat(store.descriptions().all(null)).hasSize(2);
            assertThat(store.ensureInstalled(APP, steps::add)).isEqualTo(installed);
        }
        Files.copy(name, name.resolveSibling("image-" + "0".repeat(64) + ".json"));
        Files.copy(name, name.resolveSibling("." + name.getFileName() + ".0123"));
        assertThat(store.descriptions().all(null))
                .as("a record in a foreign place")
                .hasSize(3);
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

    private static ImageOrigin origin(InstalledEnvironment installed) {
        return Objects.requireNonNull(installed.image());
    }

    private static ImageConfig pushed(String name, String version, String tree) {
        return new ImageConfig(
                List.of("PATH=/bin"),
                null,
                null,
                List.of(),
                List.of("/bin/sh"),
                Map.of(
                        "dev.pyro.environment",
                        name,
                        "dev.pyro.version",
                        version,
                        "dev.pyro.digest",
                        FakeSource.digest(tree),
                        "dev.pyro.layer",
                        FakeSource.digest("diff"),
                        "dev.pyro.shell",
                        "login"),
                null,
                List.of(FakeSource.digest("diff")));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ThrowingCallable call, ErrorCode code) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void blobsAreOld() throws IOException {
        try (Stream<Path> files = Files.list(paths.cache().resolve("oci/blobs"))) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
            }
        }
    }

    private static Path only(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private EnvironmentStore store(Optional<CatalogueRegistry> registry) {
        List<CatalogueEntry> entries = Stream.of("debian:12", "debian:12-base")
                .map(name -> new CatalogueEntry(name, "1", "", "debian", "12", "bookworm", List.of("git")))
                .toList();
        return new EnvironmentStore(
                paths,
                new Catalogue("1", entries),
                source,
                images.parts(registry, folder),
                new HostTools(),
                BuildNamespace.ofThisUser(),
                Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC));
    }
}
