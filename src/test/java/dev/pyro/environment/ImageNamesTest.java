package dev.pyro.environment;

import static dev.pyro.environment.ImageFixture.APP;
import static dev.pyro.environment.ImageFixture.HUB;
import static dev.pyro.environment.ImageFixture.assertFails;
import static dev.pyro.environment.ImageFixture.only;
import static dev.pyro.environment.ImageFixture.origin;
import static dev.pyro.environment.ImageFixture.pushed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.Environment;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.LayoutReference;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What names of images stand for. */
class ImageNamesTest {
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
    void theCatalogueComesFromTheRegistryThatIsNamed() {
        EnvironmentStore there = fixture.store(Optional.of(new CatalogueRegistry("localhost:5000/pyro")));
        assertFails(() -> there.ensureInstalled("debian:12", steps::add), ErrorCode.IMAGE_NOT_FOUND)
                .hasMessageContaining("pyro env push debian:12 localhost:5000/pyro/debian:12")
                .hasMessageContaining("unset PYRO_ENV_REGISTRY");
        assertThat(fixture.source.builds).as("no fall-back").hasValue(0);

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

    @ParameterizedTest
    @ValueSource(strings = {"https://u:s3cret@r.example/app", "u:s3cret@r.example/app"})
    void aPasswordIsNotShownWithWhatIsNoName(String text) {
        EnvironmentPusher pusher = new EnvironmentPusher(store, (reference, options) -> {
            throw new AssertionError("nothing is pushed");
        });
        List<ThrowingCallable> uses = List.of(
                () -> store.pull(text, steps::add),
                () -> store.requireBuildName(text),
                () -> pusher.push("debian:12", text, RegistryOptions.NONE, steps::add));
        for (ThrowingCallable use : uses) {
            assertThatThrownBy(use)
                    .isInstanceOf(PyroException.class)
                    .hasMessageContaining("***@r.example/app")
                    .hasMessageNotContaining("s3cret");
        }
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
    void recordsOfANewerPyroAreRefusedAndKeepTheirLayers() throws IOException {
        images.tag(APP, "a");
        InstalledEnvironment installed = store.ensureInstalled(APP, steps::add);
        Path record = only(paths.cache().resolve("oci/images"));
        String text = Files.readString(record);
        fixture.blobsAreOld();
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
}
