package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.PyroPaths;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A variable for the catalogue's registry that names none is somebody's mistake, and fails what needs it only. */
class CatalogueRegistryTest {
    private static final String APP = "r.example/app:1";

    @TempDir
    private Path folder;

    private EnvironmentStore store(FakeImages images, Optional<CatalogueRegistry> registry) {
        return new EnvironmentStore(
                new PyroPaths(folder.resolve("cache"), folder.resolve("state")),
                Catalogue.builtIn(),
                new FakeSource(),
                images.parts(registry, folder),
                BuildNamespace.ofThisUser(),
                Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC));
    }

    private static void assertSaysIt(ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining("PYRO_ENV_REGISTRY must be HOST[:PORT]/PREFIX");
    }

    @Test
    void itIsNoticedWhereTheRegistryIsNeeded() {
        FakeImages images = new FakeImages(new PyroPaths(folder.resolve("cache"), folder.resolve("state")));
        images.tag(APP, "a");
        EnvironmentStore store = store(images, Optional.of(new CatalogueRegistry("https://r.example/pyro")));

        store.ensureInstalled(APP, Progress.Listener.NONE);
        assertThat(store.descriptions().of(APP, null).name()).isEqualTo(APP);
        assertThat(store.find("debian:12")).isEmpty();

        assertSaysIt(() -> store.ensureInstalled("debian:12", Progress.Listener.NONE));
        assertSaysIt(() -> store.pull("debian:12", Progress.Listener.NONE));
        assertSaysIt(() -> store.descriptions().all(null));
        assertSaysIt(() -> store.descriptions().of("debian:12", null));

        store(images, Optional.empty()).ensureInstalled("debian:12", Progress.Listener.NONE);
        assertThat(store.ensureInstalled("debian:12", Progress.Listener.NONE).name())
                .as("what is installed needs no registry")
                .isEqualTo("debian:12");
    }
}
