package dev.pyro.agent;

import static org.awaitility.Awaitility.await;

import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The real agent under bubblewrap, over a root that holds busybox and nothing else. */
final class NamespacedAgent implements AutoCloseable {
    private static final List<String> APPLETS = List.of(
            "sh",
            "cat",
            "echo",
            "head",
            "hostname",
            "ln",
            "mkdir",
            "od",
            "ps",
            "pwd",
            "setsid",
            "sleep",
            "stty",
            "touch",
            "true",
            "yes");

    private final Process process;
    private final Path sockets;
    private final Path workspace;

    private NamespacedAgent(Process process, Path sockets, Path workspace) {
        this.process = process;
        this.sockets = sockets;
        this.workspace = workspace;
    }

    static NamespacedAgent start(Path folder) throws IOException {
        Path agent = folder.resolve("pyro-agent");
        try (InputStream resource = NamespacedAgent.class.getResourceAsStream("/dev/pyro/runtime/pyro-agent")) {
            Files.copy(Objects.requireNonNull(resource, "the agent is not built"), agent);
        }
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path lower = makeRoot(folder.resolve("lower"));
        Path upper = folder.resolve("upper");
        Files.createDirectories(upper.resolve("upper"));
        Files.createDirectories(upper.resolve("work"));
        Path sockets = Files.createDirectories(folder.resolve("s"));
        Path workspace = Files.createDirectories(folder.resolve("workspace"));
        Process process = new ProcessBuilder(commandLine(agent, lower, upper, sockets, workspace))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        process.getOutputStream().close();
        return new NamespacedAgent(process, sockets, workspace);
    }

    private static Path makeRoot(Path root) throws IOException {
        for (String directory : List.of("bin", "etc", "root", "dev", "proc", "run", "sys", "tmp")) {
            Files.createDirectories(root.resolve(directory));
        }
        Path busybox = root.resolve("bin/busybox");
        Files.copy(Path.of("/bin/busybox"), busybox);
        for (String applet : APPLETS) {
            Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        return root;
    }

    private static List<String> commandLine(Path agent, Path lower, Path upper, Path sockets, Path workspace) {
        String line = "bwrap --unshare-user --uid 0 --gid 0 --unshare-pid --unshare-net --unshare-ipc --unshare-uts"
                + " --unshare-cgroup --as-pid-1 --cap-add ALL --die-with-parent --ro-bind " + agent + " /pyro/agent"
                + " --ro-bind " + lower + " /pyro/lower --bind " + upper + " /pyro/upper --bind " + sockets
                + " /pyro/sockets --bind " + workspace
                + " /pyro/workspace --proc /proc --dev /dev --dir /run --chdir / -- /pyro/agent --namespace"
                + " /pyro/sockets/agent --lower /pyro/lower --upper /pyro/upper"
                + " --workspace /pyro/workspace";
        return List.of(line.split(" "));
    }

    AgentClient connect(Duration bound) {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(sockets.resolve("agent"));
        return AgentClient.connect("vm-test", timeout -> SocketChannel.open(address), bound);
    }

    /** Returns the host's folder that is the guest's {@code /workspace}. */
    Path workspace() {
        return workspace;
    }

    boolean hasEnded(Duration bound) throws InterruptedException {
        return process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** When process 1 has ended, the kernel has ended all others: nothing writes into the folders any more. */
    @Override
    public void close() {
        List<ProcessIdentity> descendants = process.descendants()
                .flatMap(descendant -> ProcessIdentity.of(descendant.pid()).stream())
                .toList();
        process.destroyForcibly().onExit().join();
        await().atMost(Duration.ofSeconds(20)).until(() -> descendants.stream().noneMatch(ProcessIdentity::isAlive));
    }
}
