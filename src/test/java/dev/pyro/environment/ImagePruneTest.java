package dev.pyro.environment;

import static dev.pyro.environment.ImageFixture.APP;
import static dev.pyro.environment.ImageFixture.HUB;
import static dev.pyro.environment.ImageFixture.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PyroException;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a clean-up takes of images, and what it leaves. */
class ImagePruneTest {
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
        images.whileUnpacking = () -> {
            PrunedEnvironments pruned = store.prune(true, false, digest -> false);
            assertThat(pruned.layers()).isZero();
            assertThat(pruned.layersSkipped()).as("and it is said").isTrue();
        };
        assertThat(store.ensureInstalled(APP, steps::add).rootfsImage()).hasContent("a");
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
        fixture.blobsAreOld();

        PrunedEnvironments trial = store.prune(false, true, digest -> false);
        assertThat(old.directory()).as("a trial deletes nothing").exists();
        assertThat(dead).exists();
        PrunedEnvironments pruned = store.prune(false, false, digest -> false);

        assertThat(pruned.environmentDirs()).containsExactly(old.directory());
        assertThat(pruned.images()).isEqualTo(1);
        assertThat(pruned.layers()).as("the layer that only the old one has").isEqualTo(1);
        assertThat(pruned.layerBytes()).isEqualTo(1);
        assertThat(pruned.layersSkipped()).isFalse();
        assertThat(trial)
                .isEqualTo(new PrunedEnvironments(
                        true,
                        pruned.environments(),
                        pruned.images(),
                        pruned.layers(),
                        pruned.layerBytes(),
                        pruned.layersSkipped(),
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
        fixture.blobsAreOld();
        assertThat(store.prune(false, false, digest -> false).layers()).isEqualTo(1);
    }
}
