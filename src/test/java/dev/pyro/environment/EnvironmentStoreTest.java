package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.FileStatus;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentStoreTest {
    private static final byte[] NOT_TEXT = {'{', (byte) 0xFF, '}'};
    private static final String NAME = "debian:12";

    @TempDir
    Path folder;

    private final FakeSource source = new FakeSource();
    private final List<String> phases = Collections.synchronizedList(new ArrayList<>());
    private final Progress.Listener listener = step -> phases.add(step.phase());
    private PyroPaths paths;
    private EnvironmentStore store;

    @BeforeEach
    void open() {
        paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        store = store("1");
    }

    @Test
    void aBuildThatIsInterruptedLeavesNothingAndTheNextOneWorks() throws IOException {
        source.whileBuilding = () -> {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "the fake was interrupted");
        };
        assertThatThrownBy(() -> store.pull(NAME, listener))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.find(NAME)).isEmpty();
        assertThat(paths.staging()).isEmptyDirectory();
        source.whileBuilding = () -> {};
        assertThat(store.pull(NAME, listener).name()).isEqualTo(NAME);
    }

    @Test
    void nothingIsInstalledAtFirst() {
        assertThat(store.find(NAME)).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void installsOnceAndFindsIt() {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);

        assertThat(store.find(NAME)).contains(installed);
        assertThat(store.ensureInstalled(NAME, listener)).isEqualTo(installed);
        assertThat(store.pull(NAME, listener)).isEqualTo(installed);
        assertThat(source.builds).hasValue(1);
        assertThat(installed.directory().getParent()).isEqualTo(paths.environments());
        assertThat(installed.digest())
                .endsWith(installed.directory().getFileName().toString());
        assertThat(installed.source()).isEqualTo("fake");
        assertThat(paths.staging()).isEmptyDirectory();
        assertThat(phases).containsExactly("install", "ready");
    }

    @Test
    void anUnknownNameTouchesNothing() {
        for (String name : List.of("../x", "Not A Name", "")) {
            assertThatThrownBy(() -> store.ensureInstalled(name, listener))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_ENVIRONMENT));
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFailedBuildLeavesNothing() {
        source.failing = true;

        assertThatThrownBy(() -> store.ensureInstalled(NAME, listener)).hasMessage("the fake failed");

        assertThat(store.find(NAME)).isEmpty();
        assertThat(paths.staging()).isEmptyDirectory();
        source.failing = false;
        assertThat(store.ensureInstalled(NAME, listener).digest()).startsWith("sha256:");
    }

    @Test
    void aDamagedInstallationIsNeverUsedAndIsRebuilt() throws IOException {
        List<Damage> damages = List.of(
                installed -> Files.writeString(installed.rootfsImage(), "cut"),
                installed -> Files.delete(installed.rootfsImage()),
                installed -> Files.delete(installed.manifest()),
                installed -> Files.writeString(installed.manifest(), "{\"format_version\": 1, "),
                installed -> Files.writeString(installed.manifest(), ""),
                installed -> Files.writeString(installed.manifest(), "{\"format_version\": 1}"),
                installed -> Files.writeString(
                        installed.manifest(),
                        Files.readString(installed.manifest()).replace(installed.digest(), FakeSource.digest("x"))),
                installed -> Files.write(installed.manifest(), NOT_TEXT),
                installed -> Files.write(nameFile(), NOT_TEXT),
                installed -> Files.writeString(nameFile(), "{}"),
                installed -> Files.writeString(nameFile(), "{\"format_version\":1,\"digest\":\"../../x\"}"));
        for (Damage damage : damages) {
            InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
            damage.to(installed);

            assertThat(store.find(NAME)).isEmpty();
            assertThat(store.ensureInstalled(NAME, listener)).isEqualTo(installed);
            assertThat(Files.readString(installed.rootfsImage())).isEqualTo("debian:121one");
        }
    }

    @Test
    void pruneTakesRecordsThatAreNotText() throws IOException {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        Files.write(installed.manifest(), NOT_TEXT);
        Path name = Files.write(nameFile(), NOT_TEXT);

        assertThat(store.prune(false, false, digest -> false).environmentDirs()).containsExactly(installed.directory());
        assertThat(name).doesNotExist();
    }

    @Test
    void anImageThatSomebodyTouchedIsNeverUsedAndIsRebuilt() throws IOException {
        List<Damage> damages = List.of(
                installed -> Files.writeString(installed.rootfsImage(), "DEBIAN:121one"),
                installed -> Files.setPosixFilePermissions(
                        installed.rootfsImage(), PosixFilePermissions.fromString("rw-------")));
        for (Damage damage : damages) {
            InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
            String stamp = FileStatus.of(installed.rootfsImage()).stamp();
            // The kernel's clock for files has ticks of some milliseconds.
            await().untilAsserted(() -> {
                damage.to(installed);
                assertThat(FileStatus.of(installed.rootfsImage()).stamp()).isNotEqualTo(stamp);
            });

            assertThat(store.find(NAME)).isEmpty();
            assertThatThrownBy(() -> store.withDigest(installed.digest()))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ENVIRONMENT_CORRUPT));
            assertThat(store.pull(NAME, listener)).isEqualTo(installed);
            assertThat(Files.readString(installed.rootfsImage())).isEqualTo("debian:121one");
        }
        assertThat(source.builds).hasValue(3);
    }

    @Test
    void aRecordWithoutStampOpensAsBefore() throws IOException {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        String record = Files.readString(installed.manifest());
        Files.writeString(installed.manifest(), record.replace("image_stamp", "unknown_field"));

        assertThat(record).contains("image_stamp");
        assertThat(store.find(NAME)).contains(installed);
        Files.writeString(installed.rootfsImage(), "cut");
        assertThat(store.find(NAME)).isEmpty();
    }

    @Test
    void aRecordOfANewerPyroIsRefusedAndKept() throws IOException {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        Files.writeString(
                installed.manifest(),
                Files.readString(installed.manifest()).replace("\"format_version\": 1", "\"format_version\": 2"));

        assertThatThrownBy(() -> store.find(NAME))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_TOO_NEW))
                .hasMessageContaining(installed.manifest().toString());
        assertThat(store.prune(true, false, digest -> false).environmentDirs()).isEmpty();
        assertThat(installed.rootfsImage()).exists();
    }

    @Test
    void fieldsThatALaterVersionAddsAreIgnored() throws IOException {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        Files.writeString(
                installed.manifest(),
                Files.readString(installed.manifest()).replace("\"name\"", "\"later\": [1],\n  \"name\""));

        assertThat(store.find(NAME)).contains(installed);
    }

    @Test
    void manyAtOnceBuildOnce() throws Exception {
        CountDownLatch othersWait = new CountDownLatch(1);
        source.whileBuilding = () -> {
            try {
                assertThat(othersWait.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        Progress.Listener waits = step -> {
            if (step.phase().equals("wait")) {
                othersWait.countDown();
            }
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<InstalledEnvironment>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Callable<InstalledEnvironment> install = () -> store("1").ensureInstalled(NAME, waits);
                results.add(threads.submit(install));
            }
            for (Future<InstalledEnvironment> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS).name()).isEqualTo(NAME);
            }
        }
        assertThat(source.builds).hasValue(1);
    }

    @Test
    void aNewDefinitionIsUsedOnPullOnlyAndTheOldOneIsPruned() {
        InstalledEnvironment old = store.ensureInstalled(NAME, listener);
        EnvironmentStore newer = store("2");

        assertThat(newer.ensureInstalled(NAME, listener)).isEqualTo(old);
        InstalledEnvironment current = newer.pull(NAME, listener);

        assertThat(current.version()).isEqualTo("2");
        assertThat(newer.find(NAME)).contains(current);
        assertThat(newer.prune(false, false, old.digest()::equals).environmentDirs())
                .isEmpty();
        PrunedEnvironments result = newer.prune(false, false, digest -> false);
        assertThat(result.environmentDirs()).containsExactly(old.directory());
        assertThat(result.freedBytes()).isPositive();
        assertThat(old.directory()).doesNotExist();
        assertThat(newer.find(NAME)).contains(current);
    }

    @Test
    void pruneKeepsWhatIsInUseEvenWhenTheUseIsRecordedLate() {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        List<String> asked = new ArrayList<>();

        PrunedEnvironments result = store.prune(true, false, digest -> {
            asked.add(digest);
            return asked.size() == 2;
        });

        assertThat(asked).hasSize(2);
        assertThat(result.environmentDirs()).isEmpty();
        assertThat(store.find(NAME)).contains(installed);
        assertThat(paths.staging()).isEmptyDirectory();
    }

    @Test
    void aBuildThatCleansUpTakesNothingOfWhatIsAskedFor() {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        source.failing = true;
        List<String> asked = new ArrayList<>();
        store.prune(true, false, digest -> {
            asked.add(digest);
            if (asked.size() == 2) {
                assertThatThrownBy(() -> store.ensureInstalled("debian:12-base", listener))
                        .hasMessage("the fake failed");
            }
            return asked.size() == 2;
        });

        assertThat(asked).hasSize(2);
        assertThat(store.find(NAME)).contains(installed);
    }

    @Test
    void nobodyWaitsUntilAllIsDeleted() throws Exception {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        EnvironmentLayout layout = new EnvironmentLayout(paths);
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<PrunedEnvironments> pruned;
            try (InterProcessLock _ = InterProcessLock.tryAcquire(layout.indexLock(), EnvironmentLayout.DOOMED)
                    .orElseThrow()) {
                pruned = threads.submit(() -> store.prune(true, false, digest -> false));
                await().until(() -> !Files.exists(installed.directory())
                        && Staging.children(layout.names()).isEmpty());
                assertThat(store.ensureInstalled(NAME, listener)).isEqualTo(installed);
                assertThat(pruned.isDone()).isFalse();
            }
            assertThat(pruned.get(20, TimeUnit.SECONDS).environmentDirs()).containsExactly(installed.directory());
        }
        assertThat(store.find(NAME)).contains(installed);
        assertThat(Staging.children(paths.environments())).hasSize(2);
    }

    @Test
    void whatAKilledPruneHasDoomedGoesWithTheNextOne() throws IOException {
        InstalledEnvironment installed = store.ensureInstalled(NAME, listener);
        Path doomed = Files.createDirectory(EnvironmentLayout.doomed(installed.directory()));
        Files.writeString(doomed.resolve("rootfs.ext4"), "half");

        PrunedEnvironments trial = store.prune(false, true, digest -> false);
        assertThat(trial.freedBytes()).isPositive();
        assertThat(doomed).exists();
        PrunedEnvironments pruned = store.prune(false, false, digest -> false);
        assertThat(pruned.environmentDirs()).isEmpty();
        assertThat(pruned.freedBytes()).isEqualTo(trial.freedBytes());
        assertThat(doomed).doesNotExist();
        assertThat(store.find(NAME)).contains(installed);
    }

    @Test
    void pruneOfAllDeletesWhatNobodyUses() {
        InstalledEnvironment used = store.ensureInstalled(NAME, listener);
        InstalledEnvironment unused = store.ensureInstalled("debian:12-base", listener);

        assertThat(store.prune(true, false, used.digest()::equals).environmentDirs())
                .containsExactly(unused.directory());

        assertThat(store.find(NAME)).contains(used);
        assertThat(store.find("debian:12-base")).isEmpty();
        assertThat(new EnvironmentLayout(paths).name("debian:12-base")).doesNotExist();
    }

    @Test
    void leftoversOfTheDeadGoWithTheNextBuildAndWithPrune() throws IOException {
        Path dead = Files.createDirectories(paths.staging().resolve("environment.0123"));
        Files.writeString(dead.resolve("rootfs.ext4"), "half");
        Path foreign = Files.createDirectories(paths.staging().resolve("template.0123"));
        store.ensureInstalled(NAME, listener);
        assertThat(dead).doesNotExist();

        Files.createDirectories(dead);
        Path tree = Files.createDirectories(paths.staging().resolve("environment-tree.0123"));
        Files.writeString(
                Files.createDirectories(paths.cache().resolve("packages")).resolve("a.deb"), "x");
        assertThat(store.prune(false, false, digest -> false).environmentDirs()).isEmpty();

        assertThat(dead).doesNotExist();
        assertThat(tree).doesNotExist();
        assertThat(paths.cache().resolve("packages")).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void pruneLeavesARunningBuildAlone() throws IOException {
        Path living = Files.createDirectories(paths.staging().resolve("environment.0123"));
        try (InterProcessLock _ = InterProcessLock.tryAcquire(new EnvironmentLayout(paths).buildLock())
                .orElseThrow()) {
            store.prune(true, false, digest -> false);
        }
        assertThat(living).exists();
    }

    @Test
    void pruneOfAnEmptyCacheIsFine() {
        PrunedEnvironments pruned = store.prune(true, false, digest -> false);
        assertThat(pruned).isEqualTo(new PrunedEnvironments(false, List.of(), 0, 0, 0, false, List.of(), 0));
    }

    private Path nameFile() throws IOException {
        try (Stream<Path> files = Files.list(paths.environments().resolve("names"))) {
            return files.findFirst().orElseThrow();
        }
    }

    private EnvironmentStore store(String version) {
        List<CatalogueEntry> entries = Stream.of(NAME, "debian:12-base")
                .map(name -> new CatalogueEntry(name, version, "", "debian", "12", "bookworm", List.of("git")))
                .toList();
        return new EnvironmentStore(
                paths,
                new Catalogue(version, entries),
                source,
                new FakeImages(paths).parts(Optional.empty(), folder),
                BuildNamespace.ofThisUser(),
                Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC));
    }

    /** Something that can befall an installed environment. */
    private interface Damage {
        void to(InstalledEnvironment installed) throws IOException;
    }
}
