package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.PrunedEnvironments;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnvironmentLinesTest {
    private static final Path CACHE = Path.of("/cache/environments");

    private static Environment environment(@Nullable Installation installation) {
        return new Environment(
                "debian:12", "3", "A machine.", "debian", "12", List.of("git", "curl"), CACHE, installation);
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
                5L << 20);
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
    void oneEntryIsOneEntry() {
        assertThat(EnvironmentLines.pruned(new PrunedEnvironments(List.of(), 0)))
                .containsExactly("Deleted 0 cached environment entries.");
        assertThat(EnvironmentLines.pruned(new PrunedEnvironments(List.of(CACHE.resolve("abc")), 9)))
                .containsExactly("Deleted 1 cached environment entry.", "- /cache/environments/abc");
    }
}
