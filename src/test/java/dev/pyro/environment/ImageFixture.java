package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.ImageConfig;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A cache, a registry by hand, and a clock that stands until it is set: what tests of environments of images begin with. */
final class ImageFixture {
    static final String APP = "registry.example:5000/team/app:1";
    static final String HUB = "python:3.12";

    final FakeSource source = new FakeSource();
    final List<Progress> steps = Collections.synchronizedList(new ArrayList<>());
    final PyroPaths paths;
    final FakeImages images;
    final EnvironmentStore store;
    volatile Instant now = Instant.ofEpochSecond(1_700_000_000);

    private final Path folder;

    ImageFixture(Path folder) {
        this.folder = folder;
        paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        images = new FakeImages(paths);
        store = store(Optional.empty());
    }

    EnvironmentStore store(Optional<CatalogueRegistry> registry) {
        List<CatalogueEntry> entries = Stream.of("debian:12", "debian:12-base")
                .map(name -> new CatalogueEntry(name, "1", "", "debian", "12", "bookworm", List.of("git")))
                .toList();
        return new EnvironmentStore(
                paths,
                new Catalogue("1", entries),
                source,
                images.parts(registry, folder),
                BuildNamespace.ofThisUser(),
                ((InstantSource) () -> now).withZone(ZoneOffset.UTC));
    }

    void blobsAreOld() throws IOException {
        try (Stream<Path> files = Files.list(paths.cache().resolve("oci/blobs"))) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
            }
        }
    }

    static ImageOrigin origin(InstalledEnvironment installed) {
        return Objects.requireNonNull(installed.image());
    }

    static ImageConfig pushed(String name, String version, String tree) {
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

    static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ThrowingCallable call, ErrorCode code) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    static Path only(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }
}
