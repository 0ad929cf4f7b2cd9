package dev.pyro.machine.namespace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The command line that starts a machine: a chain of small programs of which each one becomes the next, then bubblewrap, then the
 * guest agent as process 1.
 *
 * @param tools the host's programs
 * @param agent the guest agent
 * @param lower the environment's root, never written
 * @param root the machine's own disk: the agent keeps the overlay's two folders in it
 * @param socketFolder where the agent binds its socket
 * @param workspace the folder that the agent mounts as the workspace, or empty
 * @param runAs the user to change to first, or empty to stay the user that this is
 * @param leased whether everything must die with the thread that starts it
 * @param maxDataBytes the most private writable memory that one process may have
 */
record BubblewrapCommandLine(
        NamespaceTools tools,
        Path agent,
        Path lower,
        Path root,
        Path socketFolder,
        Optional<Path> workspace,
        OptionalInt runAs,
        boolean leased,
        long maxDataBytes) {
    // Where things lie until the agent has made the overlay its root; from then on none of this can be reached.
    private static final String AGENT = "/pyro/agent";
    private static final String LOWER = "/pyro/lower";
    private static final String UPPER = "/pyro/upper";
    private static final String SOCKETS = "/pyro/sockets";
    private static final String WORKSPACE = "/pyro/workspace";

    /**
     * What the agent makes its root and its limits with, and what it leaves to commands; docs/guest-protocol.md. They count within
     * the user namespace only.
     */
    private static final List<String> CAPABILITIES = List.of(
            "CAP_SYS_ADMIN",
            "CAP_SYS_RESOURCE",
            "CAP_SYS_CHROOT",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE");

    /** Between 0 and 1000; the higher, the sooner the kernel kills it when the host runs out of memory. */
    private static final String OUT_OF_MEMORY_SCORE = "500";

    List<String> tokens() {
        List<String> tokens = new ArrayList<>();
        tokens.addAll(List.of(tools.choom().toString(), "-n", OUT_OF_MEMORY_SCORE, "--"));
        tokens.addAll(List.of(tools.prlimit().toString(), "--core=0:0", "--data=" + maxDataBytes + ":" + maxDataBytes));
        runAs.ifPresent(user -> tokens.addAll(List.of(
                tools.setpriv().toString(), "--reuid", "" + user, "--regid", "" + user, "--clear-groups", "--")));
        tokens.add(tools.bubblewrap().toString());
        addNamespaces(tokens);
        if (leased) {
            tokens.add("--die-with-parent");
        }
        addFiles(tokens);
        tokens.addAll(List.of("--", AGENT, "--namespace", SOCKETS + "/" + NamespacePaths.SOCKET_NAME));
        tokens.addAll(List.of("--lower", LOWER, "--upper", UPPER));
        if (workspace.isPresent()) {
            tokens.addAll(List.of("--workspace", WORKSPACE));
        }
        return List.copyOf(tokens);
    }

    private static void addNamespaces(List<String> tokens) {
        // The user becomes root inside, and nobody else exists there.
        tokens.addAll(List.of("--unshare-user", "--uid", "0", "--gid", "0"));
        // An empty network namespace: its own loopback and nothing else.
        tokens.addAll(List.of("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"));
        tokens.add("--as-pid-1");
        CAPABILITIES.forEach(capability -> tokens.addAll(List.of("--cap-add", capability)));
    }

    private void addFiles(List<String> tokens) {
        tokens.addAll(List.of("--ro-bind", agent.toString(), AGENT));
        tokens.addAll(List.of("--ro-bind", lower.toString(), LOWER));
        tokens.addAll(List.of("--bind", root.toString(), UPPER));
        tokens.addAll(List.of("--bind", socketFolder.toString(), SOCKETS));
        workspace.ifPresent(folder -> tokens.addAll(List.of("--bind", folder.toString(), WORKSPACE)));
        tokens.addAll(List.of("--proc", "/proc", "--dev", "/dev", "--dir", "/run"));
        tokens.addAll(List.of("--chdir", "/"));
    }
}
