package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    private final Catalogue catalogue = Catalogue.builtIn();

    @Test
    void knowsThreeEnvironments() {
        assertThat(catalogue.entries())
                .extracting(CatalogueEntry::name)
                .containsExactly("debian:12", "debian:12-base", "debian:12-build");
        assertThat(catalogue.require("debian:12").packages())
                .contains("git", "curl", "ca-certificates", "python3", "procps", "iproute2", "less", "patch");
        assertThat(catalogue.require("debian:12-build").packages())
                .containsAll(catalogue.require("debian:12").packages())
                .contains("build-essential", "cmake", "pkg-config", "python3-venv");
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        assertThatThrownBy(() -> catalogue.require("alpine"))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_ENVIRONMENT))
                .hasMessage(
                        "unknown environment \"alpine\"; the known ones are debian:12, debian:12-base, debian:12-build");
    }

    @Test
    void aHostileNameReachesTheTerminalEscapedAndShort() {
        for (String name : List.of("../../etc/passwd", "a\u001b[31m", "x\ny", "\u202e", "a\0b", "")) {
            assertThatThrownBy(() -> catalogue.require(name)).message().matches("[ -~]+");
        }
        assertThat(Catalogue.printable("a\u001b[0m")).isEqualTo("a\\u{1b}[0m");
        assertThat(Catalogue.printable("a".repeat(10_000))).hasSize(83).endsWith("...");
    }
}
