package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CatalogueTest {
    private final Catalogue catalogue = Catalogue.builtIn();

    @Test
    void knowsThreeEnvironments() {
        assertThat(catalogue.entries())
                .extracting(CatalogueEntry::name)
                .containsExactly("debian:12", "debian:12-base", "debian:12-build");
        assertThat(entry("debian:12").packages())
                .contains("git", "curl", "ca-certificates", "python3", "procps", "iproute2", "less", "patch");
        assertThat(entry("debian:12-build").packages())
                .containsAll(entry("debian:12").packages())
                .contains("build-essential", "cmake", "pkg-config", "python3-venv");
    }

    private CatalogueEntry entry(String name) {
        return catalogue.find(name).orElseThrow();
    }
}
