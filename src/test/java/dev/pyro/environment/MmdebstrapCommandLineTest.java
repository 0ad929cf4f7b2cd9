package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MmdebstrapCommandLineTest {
    private static final CatalogueEntry ENTRY =
            new CatalogueEntry("debian:12-x", "1", "", "debian", "12", "bookworm", List.of("git", "curl"));

    @Test
    void asRoot() {
        assertThat(line(true, List.of()).toList())
                .containsExactly(
                        "/usr/bin/mmdebstrap",
                        "--verbose",
                        "--variant=minbase",
                        "--mode=root",
                        "--format=directory",
                        "--keyring=/keys.gpg",
                        "--include=git,curl",
                        "--aptopt=Acquire::Languages \"none\"",
                        "--dpkgopt=force-unsafe-io",
                        "--dpkgopt=path-exclude=/usr/share/man/*",
                        "--dpkgopt=path-exclude=/usr/share/info/*",
                        "--dpkgopt=path-exclude=/usr/share/lintian/*",
                        "--dpkgopt=path-exclude=/usr/share/locale/*",
                        "--dpkgopt=path-include=/usr/share/locale/locale.alias",
                        "--dpkgopt=path-exclude=/usr/share/doc/*",
                        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                        "--skip=check/signed-by,download/empty,essential/unlink,cleanup/apt/cache",
                        "--setup-hook='/it'\\''s/setup.sh' \"$1\"",
                        "bookworm",
                        "/build/tree");
    }

    @Test
    void anOrdinaryUserTakesTheModeThatNeedsNoDeviceNodes() {
        assertThat(line(false, List.of("deb http://mirror/debian bookworm main"))
                        .toList())
                .contains("--mode=unshare")
                .endsWith("bookworm", "/build/tree", "deb http://mirror/debian bookworm main");
    }

    @Test
    void withoutMirrorsTheDistributionsOwnServersServe() {
        assertThat(PackageSources.of(ENTRY, Map.of())).isEmpty();
    }

    @Test
    void aMirrorServesTheArchiveAndSecurityStays() {
        assertThat(PackageSources.of(ENTRY, Map.of("PYRO_DEBIAN_MIRROR", "http://mirror.example/debian")))
                .containsExactly(
                        "deb http://mirror.example/debian bookworm main",
                        "deb http://mirror.example/debian bookworm-updates main",
                        "deb http://security.debian.org/debian-security bookworm-security main");
        assertThat(PackageSources.of(ENTRY, Map.of("PYRO_DEBIAN_SECURITY_MIRROR", "https://sec.example/s")))
                .last()
                .isEqualTo("deb https://sec.example/s bookworm-security main");
    }

    @Test
    void aMirrorThatIsNoUrlIsRefused() {
        for (String bad : List.of("mirror", "http://a b", "http://a\nb", "http://a [trusted=yes]", "-x", "ftp://a/")) {
            assertThatThrownBy(() -> PackageSources.of(ENTRY, Map.of("PYRO_DEBIAN_MIRROR", bad)))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
        }
    }

    private static MmdebstrapCommandLine line(boolean root, List<String> sources) {
        return new MmdebstrapCommandLine(
                Path.of("/usr/bin/mmdebstrap"),
                root,
                ENTRY,
                sources,
                Optional.of(Path.of("/keys.gpg")),
                Path.of("/it's/setup.sh"),
                Path.of("/build/tree"));
    }
}
