package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class BubblewrapCommandLineTest {
    private static final NamespaceTools TOOLS = new NamespaceTools(
            Path.of("/usr/bin/bwrap"),
            Path.of("/usr/bin/choom"),
            Path.of("/usr/bin/prlimit"),
            Path.of("/usr/bin/setpriv"));

    @Test
    void rootBecomesAnotherUserAndALeaseEndsWithItsHolder() {
        assertThat(line(OptionalInt.of(60_814), true).tokens())
                .isEqualTo(List.of(
                        "/usr/bin/choom",
                        "-n",
                        "500",
                        "--",
                        "/usr/bin/prlimit",
                        "--core=0:0",
                        "--data=4294967296:4294967296",
                        "/usr/bin/setpriv",
                        "--reuid",
                        "60814",
                        "--regid",
                        "60814",
                        "--clear-groups",
                        "--",
                        "/usr/bin/bwrap",
                        "--unshare-user",
                        "--uid",
                        "0",
                        "--gid",
                        "0",
                        "--unshare-pid",
                        "--unshare-net",
                        "--unshare-ipc",
                        "--unshare-uts",
                        "--unshare-cgroup",
                        "--as-pid-1",
                        "--cap-add",
                        "CAP_SYS_ADMIN",
                        "--cap-add",
                        "CAP_SYS_RESOURCE",
                        "--cap-add",
                        "CAP_SYS_CHROOT",
                        "--cap-add",
                        "CAP_CHOWN",
                        "--cap-add",
                        "CAP_DAC_OVERRIDE",
                        "--cap-add",
                        "CAP_FOWNER",
                        "--cap-add",
                        "CAP_FSETID",
                        "--cap-add",
                        "CAP_KILL",
                        "--cap-add",
                        "CAP_SETGID",
                        "--cap-add",
                        "CAP_SETUID",
                        "--cap-add",
                        "CAP_SETPCAP",
                        "--cap-add",
                        "CAP_NET_BIND_SERVICE",
                        "--die-with-parent",
                        "--ro-bind",
                        "/cache/agent",
                        "/pyro/agent",
                        "--ro-bind",
                        "/cache/tree",
                        "/pyro/lower",
                        "--bind",
                        "/vm/root",
                        "/pyro/upper",
                        "--bind",
                        "/vm/s",
                        "/pyro/sockets",
                        "--proc",
                        "/proc",
                        "--dev",
                        "/dev",
                        "--dir",
                        "/run",
                        "--chdir",
                        "/",
                        "--",
                        "/pyro/agent",
                        "--namespace",
                        "/pyro/sockets/agent",
                        "--lower",
                        "/pyro/lower",
                        "--upper",
                        "/pyro/upper"));
    }

    @Test
    void anOrdinaryUserStaysWhoHeIs() {
        List<String> tokens = line(OptionalInt.empty(), true).tokens();

        assertThat(tokens).doesNotContain("/usr/bin/setpriv", "--reuid");
        assertThat(tokens.subList(4, 9))
                .containsExactly(
                        "/usr/bin/prlimit",
                        "--core=0:0",
                        "--data=4294967296:4294967296",
                        "/usr/bin/bwrap",
                        "--unshare-user");
    }

    @Test
    void aMachineWithoutALeaseOutlivesWhoeverStartedIt() {
        assertThat(line(OptionalInt.empty(), false).tokens()).doesNotContain("--die-with-parent");
    }

    @Test
    void theAgentMountsTheWorkspace() {
        List<String> tokens = new BubblewrapCommandLine(
                        TOOLS,
                        Path.of("/cache/agent"),
                        Path.of("/cache/tree"),
                        Path.of("/vm/root"),
                        Path.of("/vm/s"),
                        Optional.of(Path.of("/ws/layers/3")),
                        OptionalInt.empty(),
                        false,
                        4L << 30)
                .tokens();

        assertThat(tokens).containsSequence("--bind", "/ws/layers/3", "/pyro/workspace");
        assertThat(tokens).endsWith("--workspace", "/pyro/workspace");
    }

    private static BubblewrapCommandLine line(OptionalInt runAs, boolean leased) {
        return new BubblewrapCommandLine(
                TOOLS,
                Path.of("/cache/agent"),
                Path.of("/cache/tree"),
                Path.of("/vm/root"),
                Path.of("/vm/s"),
                Optional.empty(),
                runAs,
                leased,
                4L << 30);
    }
}
