package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Builds the smallest environment for real, in processes of their own, as root and as an ordinary user. */
class EnvironmentBuildIT {
    private static final String NAME = "debian:12-base";
    private static final Duration BUILD_BOUND = Duration.ofMinutes(15);
    private static final Duration BOUND = Duration.ofMinutes(1);

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        // Not JUnit's own: another user must get at it, and it may hold his subordinate ids' files.
        folder = Files.createTempDirectory("pyro-environment-it");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void deleteFolder() {
        run("rm", "-rf", "--one-file-system", folder.toString());
    }

    @Test
    void aKilledBuildLeavesNothingRunningAndTheNextOneWorks() throws Exception {
        Path cache = Files.createDirectory(folder.resolve("cache"));
        Path log = folder.resolve("log");
        List<String> commandLine = commandLine(System.getProperty("java.class.path"));
        Process killed = start(commandLine, cache, log);
        try {
            // The packages have been fetched and are being installed: processes and mounts abound.
            await().atMost(BUILD_BOUND).until(() -> read(log).contains("detail=installs the essential packages"));
        } finally {
            killed.destroyForcibly();
        }
        await().atMost(BOUND).untilAsserted(() -> {
            assertThat(run("ps", "-eo", "pid,args").output()).doesNotContain(cache.toString());
            assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(cache.toString());
        });
        assertThat(cache.resolve("environments")).doesNotExist();
        assertThat(children(cache.resolve("staging"))).hasSize(1);

        String output = finish(start(commandLine, cache, log), log);

        assertThat(children(cache.resolve("staging"))).isEmpty();
        String essential = output.substring(
                output.indexOf("detail=fetches packages"), output.indexOf("detail=installs the essential packages"));
        assertThat(essential).as("nothing is fetched again").doesNotContain("fraction=0", "fraction=1");
        assertInstalled(output, Host.effectiveUid());
    }

    @Test
    void anOrdinaryUserBuildsWithTheOwnersOfTheRealOnes() throws Exception {
        assumeThat(Host.isRoot()).as("only root can make another user").isTrue();
        Path classes = copyOfClassPath();
        String user = "pyroit" + ProcessHandle.current().pid() % 100_000;
        assertThat(run(
                                "useradd",
                                "--create-home",
                                "--home-dir",
                                folder.resolve("home").toString(),
                                user)
                        .exitCode())
                .isZero();
        try {
            if (!Files.readString(Path.of("/etc/subuid")).contains(user + ":")) {
                run("usermod", "--add-subuids", "700000-765535", "--add-subgids", "700000-765535", user);
            }
            int uid = Integer.parseInt(run("id", "-u", user).output().strip());
            Path cache = folder.resolve("home/cache");
            List<String> commandLine = new ArrayList<>(List.of(
                    "setpriv",
                    "--reuid",
                    user,
                    "--regid",
                    user,
                    "--init-groups",
                    "env",
                    "HOME=" + folder.resolve("home"),
                    "USER=" + user));
            commandLine.addAll(commandLine(classes + "/*:" + classes + "/main:" + classes + "/test"));

            Path log = folder.resolve("log");
            String output = finish(start(commandLine, cache, log), log);

            assertInstalled(output, uid);
            assertThat(children(cache.resolve("staging"))).isEmpty();
        } finally {
            run("userdel", user);
        }
    }

    private static void assertInstalled(String output, int uid) throws IOException {
        assertThat(fact(output, "digest")).matches("sha256:[0-9a-f]{64}");
        Path image = Path.of(fact(output, "image"));
        assertThat(run("e2fsck", "-f", "-n", image.toString()).exitCode()).isZero();
        assertThat(debugfs(image, "stat /usr/bin/passwd")).contains("Mode:  04755", "User:     0   Group:     0");
        assertThat(debugfs(image, "stat /etc/shadow")).contains("Mode:  0640", "User:     0   Group:    42");
        assertThat(debugfs(image, "stat /var/mail")).contains("Mode:  02775", "Group:     8");
        assertThat(debugfs(image, "stat /workspace")).contains("Type: directory", "Mode:  0755");
        assertThat(debugfs(image, "stat /etc/machine-id")).contains("Size: 0");
        assertThat(debugfs(image, "cat /etc/hostname")).contains("pyro");
        assertThat(debugfs(image, "cat /etc/apt/sources.list")).contains("bookworm-security");
        assertThat(debugfs(image, "ls -p /dev").lines().filter(line -> line.startsWith("/")))
                .as("only . and ..")
                .hasSize(2);
        Path tree = Path.of(fact(output, "tree"));
        assertThat(Files.getAttribute(tree.resolve("etc/shadow"), "unix:uid")).isEqualTo(uid);
        assertThat((int) Files.getAttribute(tree.resolve("usr/bin/passwd"), "unix:mode") & 07000)
                .isZero();
    }

    private static List<String> commandLine(String classPath) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                EnvironmentMain.class.getName(),
                NAME);
    }

    private static Process start(List<String> commandLine, Path cache, Path log) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(commandLine).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("PYRO_CACHE_DIR", cache.toString());
        return builder.start();
    }

    private static String finish(Process process, Path log) throws Exception {
        try {
            assertThat(process.waitFor(BUILD_BOUND)).as("ends in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String output = read(log);
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    /** The classes of this build may lie where only their owner can read. */
    private Path copyOfClassPath() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("classes"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isRegularFile(path)) {
                Files.copy(path, copy.resolve(path.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            } else if (Files.isDirectory(path)) {
                String name = path.endsWith("test-classes") ? "test" : "main";
                assertThat(run("cp", "-r", path.toString(), copy.resolve(name).toString())
                                .exitCode())
                        .isZero();
            }
        }
        run("chmod", "-R", "a+rX", copy.toString());
        return copy;
    }

    private static String fact(String output, String key) {
        return output.lines()
                .filter(line -> line.startsWith(key + "="))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is not in " + output))
                .substring(key.length() + 1);
    }

    private static String debugfs(Path image, String request) {
        return run("debugfs", "-R", request, image.toString()).output();
    }

    private static HostCommand.Result run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Host.findProgram(program).orElseThrow().toString());
        command.addAll(List.of(arguments));
        return HostCommand.of(BOUND, command).run();
    }

    private static String read(Path log) throws IOException {
        return Files.exists(log) ? Files.readString(log) : "";
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.toList();
        }
    }
}
