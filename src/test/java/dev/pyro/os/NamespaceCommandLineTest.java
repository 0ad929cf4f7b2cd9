package dev.pyro.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamespaceCommandLineTest {
    @Test
    void rootNeedsNoUserNamespace() {
        assertThat(new BuildNamespace(true).wrap(List.of("true", "--flag")))
                .containsExactly(
                        "unshare",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--",
                        "sh",
                        "-c",
                        "umask 022; exec \"$@\"",
                        "sh",
                        "true",
                        "--flag");
    }

    @Test
    void anOrdinaryUserBecomesRootOfHisOwnIds() {
        assertThat(new BuildNamespace(false).wrap(List.of("true")))
                .containsExactly(
                        "unshare",
                        "--user",
                        "--map-root-user",
                        "--map-auto",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--",
                        "sh",
                        "-c",
                        "umask 022; exec \"$@\"",
                        "sh",
                        "true");
    }

    @Test
    void aLeasedCommandChecksThatItsParentStillLives() {
        assertThat(LeasedCommand.commandLine(42, List.of("sleep", "1")))
                .containsExactly(
                        "setpriv",
                        "--pdeathsig",
                        "KILL",
                        "sh",
                        "-c",
                        "[ \"$PPID\" = \"$0\" ] || exit 125; exec \"$@\"",
                        "42",
                        "sleep",
                        "1");
    }

    @Test
    void installsWithoutQuestionsAndWaitsForTheLock() {
        assertThat(AptCommandLine.install(true, List.of("passt", "bubblewrap")))
                .containsExactly(
                        "env",
                        "DEBIAN_FRONTEND=noninteractive",
                        "LC_ALL=C.UTF-8",
                        "apt-get",
                        "-o",
                        "DPkg::Lock::Timeout=600",
                        "install",
                        "--yes",
                        "--no-install-recommends",
                        "passt",
                        "bubblewrap");
        assertThat(AptCommandLine.update(false)).startsWith("sudo", "-n", "env").endsWith("update");
    }
}
