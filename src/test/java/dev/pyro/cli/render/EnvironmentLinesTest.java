package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PrunedEnvironments.Deleted;
import dev.pyro.model.PushedEnvironment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvironmentLinesTest {
    private static final Path CACHE = Path.of("/cache/environments");

    private static Environment environment(@Nullable Installation installation) {
        return new Environment(
                "debian:12", "3", "A machine.", "debian", "12", List.of("git", "curl"), CACHE, installation, null);
    }

    private static Environment image(String reference, @Nullable String imageDigest) {
        Installation files = new Installation(CACHE, CACHE, null, CACHE, "oci", "sha256:abc", 5L << 20, imageDigest);
        return new Environment(
                "python:3.12",
                "0123",
                "A \u001b[31mtitle",
                "debian",
                "12",
                List.of(),
                CACHE,
                files,
                new Environment.Registry("docker.io", "library/python", reference));
    }

    private static Installation installation(@Nullable Path kernel) {
        Path folder = CACHE.resolve("abc");
        return new Installation(
                folder,
                folder.resolve("environment.json"),
                kernel,
                folder.resolve("rootfs.ext4"),
                "local",
                "sha256:abc",
                5L << 20,
                null);
    }

    @Test
    void theListTellsWhatIsInstalled() {
        assertThat(EnvironmentLines.catalogue(
                        new EnvironmentCatalogue("7", List.of(environment(null), environment(installation(null))))))
                .containsExactly(
                        "Catalog version: 7",
                        "debian:12 [not installed] A machine.",
                        "debian:12 [installed] A machine.");
        assertThat(EnvironmentLines.catalogue(new EnvironmentCatalogue("7", List.of())))
                .containsExactly("Catalog version: 7", "No environments found.");
    }

    @Test
    void anEnvironmentThatIsNotInstalledHasNoFiles() {
        assertThat(EnvironmentLines.environment("Environment", environment(null)))
                .containsExactly(
                        "Environment: debian:12",
                        "Version: 3",
                        "Distribution: debian 12",
                        "Installed: no",
                        "Cache dir: /cache/environments",
                        "Default packages: git, curl",
                        "Description: A machine.");
    }

    @Test
    void anInstalledEnvironmentNamesItsFiles() {
        assertThat(EnvironmentLines.environment("Pulled", environment(installation(Path.of("/cache/kernel")))))
                .startsWith("Pulled: debian:12")
                .contains(
                        "Installed: yes",
                        "Install dir: /cache/environments/abc",
                        "Install manifest: /cache/environments/abc/environment.json",
                        "Kernel image: /cache/kernel",
                        "Rootfs image: /cache/environments/abc/rootfs.ext4");
        assertThat(EnvironmentLines.environment("Pulled", environment(installation(null))))
                .noneMatch(line -> line.startsWith("Kernel image:"));
    }

    @Test
    void anImageTellsWhereItCameFrom() {
        assertThat(EnvironmentLines.environment("Pulled", image("3.12", "sha256:def")))
                .contains(
                        "OCI source: docker.io/library/python:3.12",
                        "Image digest: sha256:def",
                        "Description: A \\u001b[31mtitle");
        assertThat(EnvironmentLines.environment("Pulled", image("sha256:def", "sha256:def")))
                .contains("OCI source: docker.io/library/python@sha256:def");
        assertThat(EnvironmentLines.environment("Pulled", image("3.12", null)))
                .as("built here, though it could have come from there")
                .noneMatch(line -> line.startsWith("OCI source:"));
    }

    @Test
    void oneEntryIsOneEntry() {
        assertThat(EnvironmentLines.pruned(new PrunedEnvironments(false, List.of(), 0, 0, 0, false, List.of(), 0)))
                .containsExactly("Deleted 0 cached environment entries.", "Freed: 0 MiB");
        assertThat(EnvironmentLines.pruned(new PrunedEnvironments(false, List.of(), 0, 0, 0, true, List.of(), 0)))
                .contains("Layers: none, because an image is being unpacked; prune again when that is done");
        assertThat(EnvironmentLines.pruned(new PrunedEnvironments(
                        true,
                        List.of(new Deleted(CACHE.resolve("abc"), 5L << 20)),
                        1,
                        3,
                        7L << 20,
                        false,
                        List.of(new Deleted(Path.of("/t"), 9L << 20)),
                        21L << 20)))
                .containsExactly(
                        "Would delete 1 cached environment entry.",
                        "- /cache/environments/abc",
                        "Environments: 1, 5 MiB",
                        "Images: 1",
                        "Layers: 3, 7 MiB",
                        "Templates: 1, 9 MiB",
                        "Would free: 21 MiB");
    }

    @Test
    void whatWasPushedIsSaidWithItsDigests() {
        assertThat(EnvironmentLines.pushed(new PushedEnvironment(
                        "debian:12", "localhost:5000/pyro/debian:12", "sha256:tree", "sha256:image", 5L << 20, 0)))
                .containsExactly(
                        "Pushed: debian:12 to localhost:5000/pyro/debian:12",
                        "Image digest: sha256:image",
                        "Digest: sha256:tree",
                        "Size: 5 MiB (0 MiB uploaded)");
    }
}
