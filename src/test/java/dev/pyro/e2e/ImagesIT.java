package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.LocalPyro;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecVm;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OpenShell;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.ReadShell;
import dev.pyro.model.Readiness;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Secret;
import dev.pyro.model.ShellId;
import dev.pyro.model.StartService;
import dev.pyro.model.WorkspaceId;
import dev.pyro.oci.TestImage;
import dev.pyro.oci.TestImage.Compression;
import dev.pyro.oci.TestImages;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.sdk.Pyro;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs in environments of images runs as they say. Each image costs a boot, so each holds several peculiarities. */
class ImagesIT {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final int HELLO_EXIT_CODE = 7;

    private static final String HELLO = """
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            int main(int argc, char **argv)
            {
                char cwd[4096];
                const char *value = getenv("A");
                printf("%u:%u in %s, A=%s", getuid(), getgid(), getcwd(cwd, sizeof cwd), value ? value : "");
                for (int i = 1; i < argc; i++) {
                    printf(" [%s]", argv[i]);
                }
                return 7;
            }
            """;

    /** Gives a file away, which only CAP_CHOWN allows, and tells who it is. */
    private static final String GIVE = """
            #include <stdio.h>
            #include <unistd.h>
            int main(int argc, char **argv)
            {
                const char *given = chown(argv[1], 12, 34) == 0 ? "given" : "refused";
                printf("%u %s\\n", geteuid(), given);
                return 0;
            }
            """;

    /** What {@code setcap cap_chown+ep} writes: revision 2, effective, and the one bit. */
    private static final String CAP_CHOWN = "\1\0\0\2" + "\1\0\0\0" + "\0".repeat(12);

    private static final String TOOL = "#!/bin/sh\necho tool $A\n";

    @TempDir
    static Path base;

    private static TestImages images;

    private final Path state = base.resolve("state");

    @BeforeAll
    static void makeImages() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        // A copy would be another kernel to Pyro, which tells one by its inode, and would be made anew.
        Path runtimes = Files.createDirectories(PyroLauncher.sharedCache().resolve("runtimes"));
        Files.createSymbolicLink(Files.createDirectories(base.resolve("cache")).resolve("runtimes"), runtimes);
        Files.writeString(base.resolve("hello.c"), HELLO);
        run("musl-gcc", "-Os", "-static", "-o", path("hello-static"), path("hello.c"));
        run("musl-gcc", "-Os", "-o", path("hello-dynamic"), path("hello.c"));
        Files.writeString(base.resolve("give.c"), GIVE);
        run("musl-gcc", "-Os", "-static", "-o", path("give"), path("give.c"));
        images = new TestImages(base.resolve("layout"));
        images.add("app", app());
        images.add("bare", bare());
        images.add(
                "scratch",
                TestImage.of(program(new Tar(), "hello", base.resolve("hello-static"))
                                .end())
                        .withCompression(Compression.NONE)
                        .withEnv("A=image"));
    }

    @AfterAll
    static void leaveTheKernels() throws IOException {
        Files.delete(base.resolve("cache").resolve("runtimes"));
    }

    /**
     * A user with groups, a directory that is not there, variables of its own, an /etc that not even its owner writes, a folder of
     * a daemon's in /run, a root who lives elsewhere, and programs that do more than their user may.
     */
    private static TestImage app() throws IOException {
        Tar etc = new Tar()
                .entry("etc/", '5', 0555, 0, 0, 0, "")
                .file("etc/passwd", "root:x:0:0::/srv/root:/bin/sh\napp:x:1000:50::/home/app:/bin/sh\n")
                .file("etc/group", "root:x:0:\nstaff:x:50:\nextra:x:60:app\n")
                .entry("home/app/", '5', 0700, 1000, 50, 0, "")
                .entry("opt/bin/tool", '0', 0755, 0, 0, TOOL.length(), "")
                .bytes(TOOL)
                .entry("run/app/", '5', 02750, 1000, 50, 0, "")
                .entry("run/lock/", '5', 01777, 0, 0, 0, "")
                .symlink("var/run", "../run");
        program(etc, "opt/bin/give", base.resolve("give"));
        program(etc, "opt/bin/give-setuid", 04755, base.resolve("give"));
        program(etc.pax("SCHILY.xattr.security.capability=" + CAP_CHOWN), "opt/bin/give-capable", base.resolve("give"));
        return TestImage.of(busybox().end(), etc.end())
                .withUser("app")
                .withWorkingDir("/srv/made")
                .withEnv("PATH=/opt/bin:/bin", "A=image");
    }

    /** No /etc at all, a user who is a number, and a program that needs musl's loader. */
    private static TestImage bare() throws IOException {
        Tar tar = busybox();
        program(tar, "bin/hello", base.resolve("hello-dynamic"));
        program(tar, "lib/ld-musl-x86_64.so.1", Path.of("/lib/ld-musl-x86_64.so.1"));
        return TestImage.of(tar.end())
                .withCompression(Compression.ZSTD)
                .withUser("1234:99")
                .withEnv("PATH=/bin");
    }

    private static Tar busybox() throws IOException {
        Tar tar = program(new Tar(), "bin/busybox", Host.findProgram("busybox").orElseThrow());
        for (String name : List.of("sh", "id", "cat", "echo", "pwd", "stat", "touch", "sleep", "test", "tr")) {
            tar.symlink("bin/" + name, "busybox");
        }
        return tar;
    }

    private static Tar program(Tar tar, String name, Path file) throws IOException {
        return program(tar, name, 0755, file);
    }

    private static Tar program(Tar tar, String name, int mode, Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        return tar.entry(name, '0', mode, 0, 0, content.length, "")
                .bytes(new String(content, StandardCharsets.ISO_8859_1));
    }

    private static String path(String name) {
        return base.resolve(name).toString();
    }

    private static void run(String... command) {
        HostCommand.of(BOUND, List.of(command)).runOrFail("prepare the images");
    }

    @AfterEach
    void nothingIsLeft() {
        new PyroLauncher(state).awaitNothingLeft();
    }

    private Pyro open(String backend) {
        return open(backend, "template");
    }

    /** A boot alone is faster than a template and its clone where there is one machine; users get the latter. */
    private Pyro open(String backend, String start) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PYRO_CACHE_DIR", base.resolve("cache").toString());
        environment.put("PYRO_STATE_DIR", state.toString());
        environment.put("PYRO_BACKEND", backend);
        environment.put("PYRO_START", start);
        return LocalPyro.open(environment);
    }

    private static String fails(ErrorCode code, ThrowingCallable call) {
        PyroException failure = catchThrowableOfType(PyroException.class, call);
        assertThat(failure).as("a failure with " + code).isNotNull();
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        return failure.getMessage();
    }

    private static String output(ExecResult result) {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        return result.stdout().strip();
    }

    /** A workspace of an image, which is deleted at the end. */
    private static final class Opened implements AutoCloseable {
        private final Pyro pyro;
        private final WorkspaceId id;

        Opened(Pyro pyro, String image, CreateWorkspace options) {
            this.pyro = pyro;
            this.id = pyro.createWorkspace(
                            images.reference(image),
                            options.withAllowHostCompat(true).withMemMib(256))
                    .workspaceId();
        }

        ExecResult run(String command, ExecWorkspace options) {
            return pyro.execWorkspace(id, command, options).result();
        }

        String exec(String command) {
            return output(run(command, ExecWorkspace.defaults()));
        }

        String execAs(String user, String command) {
            return output(run(command, ExecWorkspace.defaults().withUser(user)));
        }

        @Override
        public void close() {
            pyro.deleteWorkspace(id);
        }
    }

    @Test
    void theUserOfAnImageWorksInItsWorkspace() throws IOException {
        Pyro pyro = open("qemu");
        Path seed = Files.createDirectories(base.resolve("seed/folder"));
        Files.writeString(seed.resolve("seeded"), "x");
        CreateWorkspace options = CreateWorkspace.defaults()
                .withSeedPath(seed.getParent())
                .withSecrets(List.of(Secret.literal("TOKEN", "hunter22-correct")));
        try (Opened workspace = new Opened(pyro, "app", options)) {
            assertThat(workspace.exec("id -u; id -g; id -G; pwd; echo $HOME $USER $PATH $A"))
                    .isEqualTo("1000\n50\n50 60\n/workspace\n/home/app app /opt/bin:/bin image");
            assertThat(workspace.exec("tool")).isEqualTo("tool image");
            pyro.writeWorkspaceFile(workspace.id, "written", "x");
            pyro.pushWorkspaceSync(workspace.id, seed, "/workspace/pushed", Progress.Listener.NONE);
            assertThat(workspace.exec("touch folder/made && stat -c %u:%g . folder folder/seeded folder/made written "
                            + "pushed pushed/seeded"))
                    .isEqualTo("1000:50\n".repeat(7).strip());
            // The call's variables come after the image's.
            assertThat(output(workspace.run(
                            "test $A = hunter22-correct && echo same",
                            ExecWorkspace.defaults().withSecretEnv(Map.of("TOKEN", "A")))))
                    .isEqualTo("same");
            whatTheImageSetsHolds(workspace);
            usersOfTheCallHold(workspace);
            shellsAndServicesToo(workspace);
        }
        RunInVm inVm =
                RunInVm.defaults().withMachine(RunInVm.defaults().machine().withMemMib(256));
        assertThat(output(pyro.runInVm(images.reference("app"), "pwd; stat -c %u:%a .; id -u", inVm)
                        .result()))
                .isEqualTo("/srv/made\n0:755\n1000");
    }

    /** Owners, modes and rights are as the image has them, /run's too; limits are a container's. */
    private static void whatTheImageSetsHolds(Opened workspace) {
        assertThat(workspace.exec("stat -c '%u:%g %a %F' /opt/bin/give-setuid /home/app /etc /var/run/app /run/lock"))
                .isEqualTo("0:0 4755 regular file\n1000:50 700 directory\n0:0 555 directory\n"
                        + "1000:50 2750 directory\n0:0 1777 directory");
        assertThat(workspace.exec("touch /var/run/app/pid && stat -c %u:%g /run/app/pid"))
                .isEqualTo("1000:50");
        assertThat(workspace.exec("touch gift && give gift; give-setuid gift; stat -c %u:%g gift"))
                .isEqualTo("1000 refused\n0 given\n12:34");
        assertThat(workspace.exec("touch other && give-capable other; stat -c %u:%g other"))
                .isEqualTo("1000 given\n12:34");
        assertThat(workspace.exec(
                        "ulimit -Sn; ulimit -Hn; ulimit -u; cat /proc/sys/net/ipv4/ip_unprivileged_port_start"))
                .isEqualTo("1024\n524288\nunlimited\n0");
    }

    private static void usersOfTheCallHold(Opened workspace) {
        assertThat(workspace.execAs("root", "id -u; id -g; echo $HOME")).isEqualTo("0\n0\n/srv/root");
        assertThat(workspace.execAs("app:extra", "id -u; id -G")).isEqualTo("1000\n60");
        assertThat(workspace.execAs("4321", "id -u; id -G; echo $HOME")).isEqualTo("4321\n0\n/");
        for (String unknown : List.of("nobody", "app:nobody")) {
            ExecWorkspace options = ExecWorkspace.defaults().withUser(unknown);
            assertThat(fails(ErrorCode.GUEST_USER_UNKNOWN, () -> workspace.run("true", options)))
                    .contains("no user \"" + unknown + "\"", "--user");
        }
        assertThat(fails(
                        ErrorCode.GUEST_USER_UNKNOWN,
                        () -> workspace.pyro.openShell(
                                workspace.id, OpenShell.defaults().withUser("nobody"))))
                .contains("no user \"nobody\"");
        assertThat(fails(
                        ErrorCode.GUEST_USER_UNKNOWN,
                        () -> workspace.pyro.startService(
                                workspace.id,
                                "web",
                                "true",
                                StartService.defaults().withUser("nobody"))))
                .contains("no user \"nobody\"");
        assertThat(workspace.pyro.listServices(workspace.id).services()).isEmpty();
    }

    private static void shellsAndServicesToo(Opened workspace) {
        Pyro pyro = workspace.pyro;
        ShellId shell = pyro.openShell(workspace.id, OpenShell.defaults()).shellId();
        pyro.writeShell(workspace.id, shell, "echo user-$(id -u)-$(pwd)-$A", true);
        assertThat(pyro.readShell(workspace.id, shell, ReadShell.defaults().withWaitFor("user-1000"))
                        .output())
                .contains("user-1000-/workspace-image");
        pyro.closeShell(workspace.id, shell);
        pyro.startService(
                workspace.id,
                "web",
                "id -u; touch up; sleep 1000",
                StartService.defaults()
                        .withReadiness(new Readiness.CommandSucceeds("test -e up && test $(id -u) = 1000")));
        assertThat(pyro.logsService(workspace.id, "web", ReadServiceLogs.defaults())
                        .stdout())
                .isEqualTo("1000\n");
        assertThat(workspace.exec("stat -c %u up")).isEqualTo("1000");
    }

    @Test
    void anImageWithoutEtcAndWithMuslRunsAsNumbers() {
        try (Opened workspace = new Opened(open("qemu", "cold"), "bare", CreateWorkspace.defaults())) {
            assertThat(workspace.exec("id -u; id -g; touch made; stat -c %u:%g . made; echo $HOME"))
                    .isEqualTo("1234\n99\n1234:99\n1234:99\n/");
            ExecResult hello = workspace.run("hello | cat; exec hello 'a b'", ExecWorkspace.defaults());
            assertThat(hello.exitCode()).isEqualTo(HELLO_EXIT_CODE);
            assertThat(hello.stdout()).isEqualTo("1234:99 in /workspace, A=1234:99 in /workspace, A= [a b]");
            assertThat(workspace.execAs("root", "id -u")).isEqualTo("0");
        }
    }

    @Test
    void anImageOfOneProgramNeedsNoShell() {
        try (Opened workspace = new Opened(open("qemu"), "scratch", CreateWorkspace.defaults())) {
            oneProgramRuns(workspace, "0:0");
            ExecResult asUser = workspace.run("/hello", ExecWorkspace.defaults().withUser("5:6"));
            assertThat(asUser.stdout()).isEqualTo("5:6 in /workspace, A=image");
        }
    }

    private static void oneProgramRuns(Opened workspace, String owner) {
        ExecResult hello = workspace.run("/hello 'a  b' \"c\"", ExecWorkspace.defaults());
        assertThat(hello.stdout()).isEqualTo(owner + " in /workspace, A=image [a  b] [c]");
        assertThat(hello.exitCode()).isEqualTo(HELLO_EXIT_CODE);
        ExecResult missing = workspace.run("/none", ExecWorkspace.defaults());
        assertThat(missing.exitCode()).isEqualTo(127);
        assertThat(missing.stderr()).contains("/none: not found");
        assertThat(fails(ErrorCode.GUEST_ERROR, () -> workspace.run("/hello | /hello", ExecWorkspace.defaults())))
                .contains("/bin/sh", "plain command");
        assertThat(fails(ErrorCode.GUEST_ERROR, () -> workspace.pyro.openShell(workspace.id, OpenShell.defaults())))
                .contains("/bin/sh");
        workspace.pyro.writeWorkspaceFile(workspace.id, "file", "text");
        assertThat(workspace.pyro.diffWorkspace(workspace.id).entries()).hasSize(1);
    }

    /** Namespaces have root alone: the image's user is taken for that, and no other can be had. */
    @Test
    void inNamespacesImagesRunAsRoot() {
        Pyro pyro = open("namespace");
        try (Opened workspace = new Opened(pyro, "app", CreateWorkspace.defaults())) {
            assertThat(workspace.exec("id -u; pwd; echo $PATH $A $HOME; touch made"))
                    .isEqualTo("0\n/workspace\n/opt/bin:/bin image /srv/root");
            assertThat(workspace.exec("cd /var/run/app && touch pid; stat -c %u / /etc ."))
                    .isEqualTo("0\n0\n0");
            assertThat(workspace.execAs("root", "id -u")).isEqualTo("0");
            assertThat(fails(ErrorCode.HOST_UNSUPPORTED, () -> workspace.execAs("app", "id -u")))
                    .contains("only root is mapped");
        }
        RunInVm inVm =
                RunInVm.defaults().withMachine(RunInVm.defaults().machine().withAllowHostCompat(true));
        assertThat(output(pyro.runInVm(images.reference("app"), "pwd", inVm).result()))
                .isEqualTo("/srv/made");
        assertThat(fails(
                        ErrorCode.HOST_UNSUPPORTED,
                        () -> pyro.runInVm(
                                images.reference("app"),
                                "pwd",
                                inVm.withExec(ExecVm.defaults().withUser("1000")))))
                .contains("only root is mapped");
        try (Opened workspace = new Opened(pyro, "scratch", CreateWorkspace.defaults())) {
            oneProgramRuns(workspace, "0:0");
        }
    }
}
