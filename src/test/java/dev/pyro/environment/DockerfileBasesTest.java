package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which images a Dockerfile gets, over a registry by hand. */
class DockerfileBasesTest {
    private static final String NAME = "registry.example/team/app:1";

    @TempDir
    Path folder;

    private PyroPaths paths;
    private FakeImages images;
    private EnvironmentStore store;
    private Path stage;

    @BeforeEach
    void open() throws IOException {
        paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        images = new FakeImages(paths);
        store = new EnvironmentStore(
                paths,
                new Catalogue("1", List.of()),
                new FakeSource(),
                images.parts(Optional.empty(), folder),
                BuildNamespace.ofThisUser(),
                Clock.systemUTC());
        stage = Files.createDirectories(paths.cache().resolve("stage"));
        images.afterFetch = this::putConfig;
    }

    private void putConfig() {
        try {
            String text = FakeImages.text(FakeImages.CONFIG);
            store.images().blobs().put(Files.writeString(folder.resolve("config"), text), FakeSource.digest(text));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String bring() throws IOException {
        Path base = Files.createTempDirectory(stage, "bases");
        Map<String, String> places = new DockerfileBases(store, base, RegistryOptions.NONE, Progress.Listener.NONE)
                .of(List.of(new DockerfileImages.Base("$BASE", NAME)));
        assertThat(places).containsOnlyKeys("$BASE");
        StringBuilder content = new StringBuilder();
        try (Stream<Path> blobs = Files.list(base.resolve("base-0/blobs/sha256"))) {
            for (Path blob : blobs.sorted().toList()) {
                String text = Files.readString(blob);
                content.append(text.startsWith("{") ? "" : text);
            }
        }
        return content.toString();
    }

    @Test
    void anInstalledImageIsTheSameInADockerfileWithoutAQuestionToItsRegistry() throws IOException {
        images.tag(NAME, "first");
        store.ensureInstalled(NAME, Progress.Listener.NONE);
        images.tag(NAME, "second");
        images.resolved.set(0);

        assertThat(bring()).isEqualTo("first");
        assertThat(images.resolved).as("all of it is here").hasValue(0);

        Files.delete(only("first"));
        assertThat(bring()).as("fetched again, by its digest").isEqualTo("first");

        images.resolved.set(0);
        Files.writeString(only("first"), "fIrst");
        bring();
        assertThat(images.resolved).as("a damaged layer is asked for").hasValue(1);

        store.pull(NAME, Progress.Listener.NONE);
        assertThat(bring()).isEqualTo("second");
    }

    @Test
    void whatWasNeverInstalledIsWhatItsReferenceStandsFor() throws IOException {
        images.tag(NAME, "first");
        assertThat(bring()).isEqualTo("first");
        images.tag(NAME, "second");
        assertThat(bring()).isEqualTo("second");
    }

    @Test
    void aDigestThatIsGoneFromTheRegistryIsExplained() throws IOException {
        String digest = images.tag(NAME, "first");
        store.ensureInstalled(NAME, Progress.Listener.NONE);
        Files.delete(only("first"));
        images.forget(digest);

        assertThatThrownBy(this::bring)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND))
                .hasMessageContaining("`pyro env pull " + NAME + "`");
    }

    @Test
    void whatIsDeletedBeforeItIsUsedIsFetchedAgainAndNotForEver() throws IOException {
        images.tag(NAME, "first");
        AtomicInteger deletions = new AtomicInteger(1);
        AtomicInteger fetched = new AtomicInteger();
        images.afterFetch = () -> {
            putConfig();
            fetched.incrementAndGet();
            if (deletions.getAndDecrement() > 0) {
                try {
                    Files.delete(only("first"));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        };

        assertThat(bring()).isEqualTo("first");
        assertThat(fetched).hasValue(2);

        deletions.set(100);
        assertThatThrownBy(this::bring)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                .hasMessageContaining("deleted 3 times");
    }

    private Path only(String content) throws IOException {
        try (Stream<Path> blobs = Files.list(paths.cache().resolve("oci/blobs"))) {
            for (Path blob : blobs.toList()) {
                if (Files.readString(blob).equals(content)) {
                    return blob;
                }
            }
        }
        throw new IOException("there is no blob of " + content);
    }
}
