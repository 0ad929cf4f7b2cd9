package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfinementTest {
    private static final List<String> COMMAND = List.of("/usr/bin/qemu", "-S");

    @Test
    void ownUserGainsNothing() {
        assertThat(Confinement.ownUser().wrap(COMMAND, Optional.empty()))
                .containsExactly(
                        "setpriv",
                        "--inh-caps=-all",
                        "--no-new-privs",
                        "sh",
                        "-c",
                        "umask 077; ulimit -c 0; exec \"$@\"",
                        "pyro-machine",
                        "/usr/bin/qemu",
                        "-S");
    }

    @Test
    void leasedCommandChecksThatItsParentStillLives() {
        assertThat(Confinement.ownUser().wrap(COMMAND, Optional.of(42L)))
                .containsExactly(
                        "setpriv",
                        "--inh-caps=-all",
                        "--no-new-privs",
                        "--pdeathsig=KILL",
                        "sh",
                        "-c",
                        "[ \"$PPID\" = \"$1\" ] || exit 125; shift; umask 077; ulimit -c 0; exec \"$@\"",
                        "pyro-machine",
                        "42",
                        "/usr/bin/qemu",
                        "-S");
    }

    @Test
    void anotherUserLosesAllGroupsOfRoot() {
        Confinement confinement = new Confinement(Optional.of(1_900_000_000), List.of(), false);

        assertThat(confinement.wrap(COMMAND, Optional.empty()))
                .startsWith(
                        "setpriv",
                        "--reuid=1900000000",
                        "--regid=1900000000",
                        "--clear-groups",
                        "--inh-caps=-all",
                        "--no-new-privs");
        assertThat(confinement.withGroup(7).withGroup(8).withGroup(7).wrap(COMMAND, Optional.empty()))
                .contains("--groups=7,8")
                .doesNotContain("--clear-groups");
    }

    @Test
    void filesCanBeLimited() {
        assertThat(Confinement.ownUser().withLimitedFiles().wrap(COMMAND, Optional.empty()))
                .contains("umask 077; ulimit -c 0; ulimit -f 2048; exec \"$@\"");
    }

    @Test
    void ownUserNeedsNoFurtherGroup() {
        assertThat(Confinement.ownUser().withGroup(7)).isEqualTo(Confinement.ownUser());
    }
}
