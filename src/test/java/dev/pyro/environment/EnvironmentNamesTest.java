package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.environment.EnvironmentRequest.Built;
import dev.pyro.environment.EnvironmentRequest.Catalogued;
import dev.pyro.environment.EnvironmentRequest.Imaged;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentNamesTest {
    @TempDir
    Path folder;

    private EnvironmentLayout layout;
    private EnvironmentNames names;

    @BeforeEach
    void open() {
        layout = new EnvironmentLayout(new PyroPaths(folder.resolve("cache"), folder.resolve("state")));
        names = new EnvironmentNames(layout, Catalogue.builtIn(), Path.of("/here"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"debian:12", "debian:12-base", "debian:12-build"})
    void ourOwnNamesMeanWhatTheyAlwaysMeant(String name) {
        assertThat(names.parse(name))
                .isInstanceOfSatisfying(
                        Catalogued.class, it -> assertThat(it.name()).isEqualTo(name));
    }

    @ParameterizedTest
    @CsvSource({
        "alpine, docker.io/library/alpine:latest, alpine:latest",
        "python:3.12-slim, docker.io/library/python:3.12-slim, python:3.12-slim",
        "docker.io/library/alpine:3.20, docker.io/library/alpine:3.20, alpine:3.20",
        "localhost:5000/team/app:1, localhost:5000/team/app:1, localhost:5000/team/app:1",
        "docker.io/library/debian:12, docker.io/library/debian:12, docker.io/library/debian:12",
        "debian, docker.io/library/debian:latest, debian:latest",
        "oci:layout:1, oci:/here/layout:1, oci:/here/layout:1",
        "docker-archive:/a.tar, docker-archive:/a.tar, docker-archive:/a.tar"
    })
    void anyOtherNameIsAnImage(String text, String canonical, String shown) {
        assertThat(names.parse(text)).isInstanceOfSatisfying(Imaged.class, it -> {
            assertThat(it.reference().canonical()).isEqualTo(canonical);
            assertThat(it.name()).isEqualTo(shown);
            assertThat(names.file(it).getFileName().toString()).matches("image-[0-9a-f]{64}\\.json");
            assertThat(names.file(names.parse(it.name())))
                    .as("what is shown can be said")
                    .isEqualTo(names.file(it));
        });
    }

    @Test
    void whatWasBuiltHereComesBeforeImages() throws IOException {
        assertThat(names.parse("mine")).isInstanceOf(Imaged.class);
        NamedEnvironment built =
                new NamedEnvironment("mine", FakeSource.digest("x"), NamedEnvironment.DOCKERFILE, "1", null);
        Files.createDirectories(layout.names());
        Files.writeString(layout.name("mine"), built.toJson());
        assertThat(names.parse("mine")).isEqualTo(new Built("mine"));
        assertThat(names.parse("mine:latest")).isEqualTo(new Built("mine"));
        assertThat(names.parse("mine:1")).isInstanceOf(Imaged.class);

        Files.writeString(layout.name("mine"), built.toJson().replace(NamedEnvironment.DOCKERFILE, "local"));
        assertThat(names.parse("mine")).isInstanceOf(Imaged.class);
    }

    @Test
    void nothingBuiltHereHidesARegistryALayoutOrAnArchive() {
        for (String name : List.of("app", "team/app:1", "my.app", "app:latest")) {
            assertThat(names.isBuiltName(name)).as(name).isTrue();
        }
        for (String name : List.of(
                "ghcr.io/org/app:1", "localhost/app", "oci:app", "docker-archive:app.tar", "debian:12", "App", "")) {
            assertThat(names.isBuiltName(name)).as(name).isFalse();
        }
    }

    @Test
    void whatIsNoNameAtAllIsUnknownAndNamesTheKnownOnes() {
        for (String name : List.of(
                "", "../../etc", "../x", "a b", "debian:12\0", "A", "x".repeat(5000), "oci:", "oci:/a\u001b[1m")) {
            assertThatThrownBy(() -> names.parse(name))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_ENVIRONMENT))
                    .hasMessageContaining("; the known ones are debian:12, debian:12-base, debian:12-build;");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aHostileNameReachesTheTerminalEscaped() {
        for (String name : List.of("../../etc/passwd", "a\u001b[31m", "x\ny", "\u202e", "a\0b", "")) {
            assertThatThrownBy(() -> names.parse(name)).message().matches("[ -~]+");
        }
    }

    @Test
    void theRegistryOfTheCatalogueIsAHostAndAPrefix() {
        assertThat(CatalogueRegistry.of(Map.of())).isEmpty();
        assertThat(CatalogueRegistry.of(Map.of("PYRO_ENV_REGISTRY", ""))).isEmpty();
        CatalogueEntry entry = Catalogue.builtIn().find("debian:12-base").orElseThrow();
        for (String value : List.of("localhost:5000/a/b", "localhost:5000/a/b/")) {
            Optional<CatalogueRegistry> registry = CatalogueRegistry.of(Map.of("PYRO_ENV_REGISTRY", value));
            assertThat(registry.orElseThrow().reference(entry).canonical())
                    .isEqualTo("localhost:5000/a/b/debian:12-base");
        }
        for (String value : List.of(
                "team/pyro",
                "https://u:s3cret@r.example/a",
                "u:s3/cret@r.example/a",
                "r.example/A",
                "/",
                "r.example//a",
                " ")) {
            CatalogueRegistry registry =
                    CatalogueRegistry.of(Map.of("PYRO_ENV_REGISTRY", value)).orElseThrow();
            assertThatThrownBy(() -> registry.reference(entry))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                    .hasMessageContaining("PYRO_ENV_REGISTRY must be HOST[:PORT]/PREFIX")
                    .hasMessageNotContainingAny("s3", "cret");
        }
    }
}
