package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildOutputTest {
    private final List<Progress> steps = new ArrayList<>();
    private final BuildProgress progress = new BuildProgress("debian:12", steps::add);

    @Test
    void followsTheBuildThroughItsPhases() {
        List.of(
                        "I: chroot architecture amd64 is equal to the host's architecture",
                        "I: running apt-get update...",
                        "Get:4 http://deb.debian.org/debian bookworm/main amd64 Packages [8790 kB]",
                        "I: downloading packages with apt...",
                        "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.",
                        "Need to get 10.0 MB/14.8 MB of archives.",
                        "Get:1 http://deb.debian.org/debian bookworm/main amd64 a amd64 3.11.2-1+b1 [5,000 kB]",
                        "I: extracting archives...",
                        "I: installing essential packages...",
                        "Unpacking a (1.0) ...",
                        "Setting up a (1.0) ...",
                        "I: installing remaining packages inside the chroot...",
                        "0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.",
                        "Unpacking b:amd64 (1.0) ...")
                .forEach(progress);

        assertThat(steps)
                .extracting(step -> step.phase() + " " + step.fraction())
                .containsExactly(
                        "index null",
                        "download null",
                        "download 0.5",
                        "install null",
                        "install 0.5",
                        "install 1.0",
                        "download null",
                        "install null",
                        "install 0.25");
        assertThat(steps).allSatisfy(step -> {
            assertThat(step.operation()).isEqualTo("pull");
            assertThat(step.subject()).isEqualTo("debian:12");
        });
    }

    @Test
    void neverGoesPastTheEndWhateverTheToolsPrint() {
        progress.accept("I: extracting archives...");
        progress.accept("0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.");
        for (int i = 0; i < 10; i++) {
            progress.accept("Setting up a (1.0) ...");
        }
        assertThat(steps.getLast().fraction()).isEqualTo(1.0);
    }

    @Test
    void namesAFullDisk() {
        assertThat(BuildFailure.of("e", "tar: x: Cannot write: No space left on device")
                        .code())
                .isEqualTo(ErrorCode.DISK_FULL);
        assertThat(BuildFailure.of("e", "E: You don't have enough free space in /var/cache/apt/archives/.")
                        .code())
                .isEqualTo(ErrorCode.DISK_FULL);
    }

    @Test
    void namesTheNetworkAndHowToChangeIt() {
        String output = "I: running apt-get update...\nErr:1 http://deb.debian.org/debian bookworm InRelease\n"
                + "  Temporary failure resolving 'deb.debian.org'\nE: Failed to fetch x\nE: apt-get update failed";

        var failure = BuildFailure.of("debian:12", output);

        assertThat(failure.code()).isEqualTo(ErrorCode.ENVIRONMENT_BUILD_FAILED);
        assertThat(failure).hasMessageContaining("PYRO_DEBIAN_MIRROR").hasMessageContaining("E: Failed to fetch x");
        assertThat(BuildFailure.mayBeDamagedPackage(output)).isFalse();
    }

    @Test
    void namesSignatures() {
        assertThat(BuildFailure.of("e", "W: GPG error: x: The following signatures were invalid: EXPKEYSIG 1"))
                .hasMessageContaining("clock");
    }

    @Test
    void anythingElseShowsTheTellingLinesAndDistrustsThePackages() {
        String output = "Setting up a (1) ...\n".repeat(50) + "dpkg: error processing archive b.deb (--unpack):\n"
                + "Setting up a (1) ...\n".repeat(20);

        assertThat(BuildFailure.of("e", output))
                .hasMessageContaining("dpkg: error processing archive b.deb")
                .hasMessageNotContaining("Setting up");
        assertThat(BuildFailure.mayBeDamagedPackage(output)).isTrue();
    }
}
