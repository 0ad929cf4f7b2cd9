package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.ByteSink;
import dev.pyro.agent.ConfigureRequest;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.agent.GuestLocation;
import dev.pyro.agent.JobName;
import dev.pyro.agent.ReadJob;
import dev.pyro.agent.StartJob;
import dev.pyro.agent.TerminalSize;
import dev.pyro.agent.WriteRequest;
import dev.pyro.machine.MachineSite;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A root that holds two programs without libraries, and what is in the way of a machine: no shell, no users, no {@code /etc}. */
@Timeout(300)
class BareRootIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String BUSYBOX = "/tool/busybox";

    private final Path folder = MachineSite.createFolder();
    private TwoDiskGuest guest;
    private AgentClient client;

    @BeforeEach
    void boot() throws IOException {
        GuestImage image = QemuSite.guestImage();
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.createDirectories(tree.resolve("tool"));
        Files.copy(Host.findProgram("busybox").orElseThrow(), tree.resolve("tool/busybox"));
        Files.copy(image.agent(), tree.resolve("hello"));
        tree.resolve("hello").toFile().setExecutable(true, false);
        Files.writeString(tree.resolve("dev"), "a file");
        Files.createSymbolicLink(tree.resolve("run"), Path.of("/tool"));
        Files.createSymbolicLink(tree.resolve("proc"), Path.of("tool/proc"));
        Files.createSymbolicLink(tree.resolve("workspace"), Path.of("/nowhere"));
        Path root = folder.resolve("bare.ext4");
        HostCommand.of(BOUND, List.of("mke2fs", "-q", "-t", "ext4", "-d", tree.toString(), root.toString(), "32M"))
                .runOrFail("make the image of a root");
        guest = TwoDiskGuest.start(folder, root, image);
        client = guest.connect(0);
        configure("bare");
        run(ExecRequest.of("").withArguments(List.of(BUSYBOX, "chown", "1000:1001", "/workspace")));
    }

    @AfterEach
    void end() {
        client.close();
        guest.close();
        AtomicFiles.deleteTree(folder);
    }

    private void configure(String hostname) {
        client.configure(ConfigureRequest.NOTHING
                .withHostname(hostname)
                .withMachineId("0".repeat(32))
                .withNetwork(List.of(), List.of("nameserver 192.0.2.1"))
                .withWorkspaceMount("/workspace"));
    }

    private String run(ExecRequest request) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteSink sink = bytes -> {
            byte[] chunk = new byte[bytes.remaining()];
            bytes.get(chunk);
            out.writeBytes(chunk);
        };
        int code = client.exec(request.withTimeout(BOUND), new ExecOutput(sink, sink))
                .exitCode();
        String text = out.toString(StandardCharsets.UTF_8).strip();
        return code == 0 ? text : text + " (" + code + ")";
    }

    private String busybox(String... arguments) {
        return run(ExecRequest.of("no shell")
                .withArguments(Stream.concat(Stream.of(BUSYBOX), Arrays.stream(arguments))
                        .toList()));
    }

    private static void fails(ErrorCode code, String message, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void bootsAndServesEveryUser() throws Exception {
        withoutAShell();

        busybox("mkdir", "/bin");
        busybox("--install", "-s", "/bin");
        write("/etc", "passwd", "app:x:1000:1001::/home/app:/bin/sh\n");
        write("/etc", "group", "app:x:1001:\nextra:x:1002:other,app\n");

        asAUserOfItsOwn();
        onATerminal();
        overAnEtcThatCannotBeWritten();
    }

    private void withoutAShell() {
        assertThat(run(ExecRequest.of("/hello --version").withArguments(List.of("/hello", "--version"))))
                .startsWith("pyro-agent ");
        assertThat(busybox("cat", "/etc/hostname", "/etc/resolv.conf", "/etc/hosts"))
                .startsWith("bare\nnameserver 192.0.2.1\n127.0.0.1\tlocalhost\n")
                .endsWith("127.0.1.1\tbare");
        assertThat(busybox("stat", "-c", "%F %a", "/etc", "/tmp", "/dev", "/run", "/proc"))
                .isEqualTo("directory 755\ndirectory 1777\ndirectory 755\ndirectory 755\ndirectory 555");
        assertThat(run(ExecRequest.of("x").withArguments(List.of("nothing")))).isEqualTo("nothing: not found (127)");
        assertThat(run(ExecRequest.of("x").withArguments(List.of("/tool")))).endsWith("(126)");
        fails(
                ErrorCode.GUEST_ERROR,
                "there is no `/bin/sh` in this machine: give a plain command",
                () -> run(ExecRequest.of("echo $HOME")));
        fails(
                ErrorCode.GUEST_ERROR,
                "there is no `/bin/sh` in this machine",
                () -> client.jobs().start(StartJob.shell("none", "/", Map.of(), new TerminalSize(80, 24))));
        fails(
                ErrorCode.GUEST_USER_UNKNOWN,
                "there is no user `app`",
                () -> run(ExecRequest.of("id").withUser("app")));
        assertThat(run(ExecRequest.of("id")
                        .withArguments(List.of(BUSYBOX, "id"))
                        .withUser("1000:1001")))
                .isEqualTo("uid=1000 gid=1001 groups=1001");
    }

    private void write(String base, String name, String content) {
        client.write(
                new WriteRequest(new GuestLocation(base, name), 0644, false),
                new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
    }

    private void asAUserOfItsOwn() {
        ExecRequest look = ExecRequest.of(
                        "id -u; id -G; pwd; echo $HOME $USER; grep NoNewPrivs /proc/self/status; echo x >/dev/stdout")
                .withLoginShell(false)
                .withDirectory("/srv/app/deep")
                .withDirectoryMade(true);
        assertThat(run(look.withUser("app")))
                .isEqualTo("1000\n1001 1002\n/srv/app/deep\n/home/app app\nNoNewPrivs:\t0\nx");
        write("/workspace", "new", "x");
        assertThat(run(ExecRequest.of("echo more >>/workspace/new && stat -c %u:%g /workspace/new")
                        .withUser("app")))
                .isEqualTo("1000:1001");
        assertThat(run(ExecRequest.of("cat /proc/1/environ").withUser("app"))).contains("Permission denied");
    }

    private void onATerminal() {
        JobName shell = JobName.shell("theirs");
        AgentJobs jobs = client.jobs();
        jobs.start(StartJob.shell("theirs", "/workspace", Map.of(), new TerminalSize(80, 24))
                .withUser("app")
                .withLoginShell(false));
        jobs.write(shell, "echo \"<$(id -u) $(stat -c %u:%g $(tty))>\"\n".getBytes(StandardCharsets.US_ASCII));
        await().atMost(BOUND)
                .until(() -> new String(jobs.read(ReadJob.from(shell, 0)).bytes(), StandardCharsets.UTF_8)
                        .contains("<1000 1000:5>"));
        jobs.stop(shell, Duration.ofSeconds(1), true);
    }

    private void overAnEtcThatCannotBeWritten() {
        assertThat(run(ExecRequest.of("mount -o bind /etc /etc && mount -o remount,bind,ro /etc && touch /etc/none")))
                .contains("Read-only");
        configure("stood-in");
        configure("again");
        assertThat(run(ExecRequest.of("hostname; cat /etc/hostname; grep -c /etc/hostname /proc/mounts")))
                .isEqualTo("again\nagain\n1");
    }
}
