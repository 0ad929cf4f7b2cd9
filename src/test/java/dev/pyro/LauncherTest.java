package dev.pyro;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts {@code pyro} and {@code scripts/*.sh} on a small checkout, with a JDK and a Maven that only write down how they
 * were called, and a {@code PATH} that holds nothing else than what a test puts there.
 */
class LauncherTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final List<String> SYSTEM_PROGRAMS = List.of(
            "sh",
            "find",
            "readlink",
            "mkdir",
            "mv",
            "rm",
            "cp",
            "touch",
            "cat",
            "tail",
            "cut",
            "sha256sum",
            "flock",
            "timeout",
            "env",
            "id",
            "sleep",
            "wc");

    /** Writes its arguments to a file, makes the archive when asked for one, and prints them when it is the program. */
    private static final String JAVA = """
            #!/bin/sh
            for argument; do
                case $argument in
                    -XX:AOTCacheOutput=*) [ -e "@TOP@/no-archive" ] && exit 1; echo archive >"${argument#*=}" ;;
                    -XX:AOTCache=*) printf 'with archive\\n' ;;
                    *.jar) [ "$(cat "$argument")" = broken ] && exit 1; printf 'program %s\\n' "$(cat "$argument")" ;;
                esac
            done
            printf '<%s>\\n' "$@"
            printf 'LC_ALL is %s\\n' "${LC_ALL:-not set}"
            [ -e "@TOP@/exit-code" ] && exit "$(cat "@TOP@/exit-code")"
            exit 0
            """;

    /** Builds a jar that holds the number of builds so far; waits in between when a test holds it. */
    private static final String MAVEN = """
            #!/bin/sh
            echo "$@" >>"@TOP@/builds"
            echo "JAVA_HOME is $JAVA_HOME"
            : >"@TOP@/building"
            while [ -e "@TOP@/hold" ]; do sleep 0.02; done
            if [ -e "@TOP@/broken-build" ]; then echo "cannot find symbol"; exit 1; fi
            mkdir -p target/lib target/classes guest/build
            echo library >target/lib/library.jar
            wc -l <"@TOP@/builds" >target/pyro.jar
            """;

    @TempDir
    Path temporary;

    private Path top;
    private Path checkout;
    private Path bin;
    private Path jdk;
    private final Map<String, String> variables = new TreeMap<>();
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void makeCheckout() throws IOException {
        top = Files.createDirectory(temporary.resolve("top"));
        checkout = Files.createDirectories(top.resolve("a checkout"));
        Files.createDirectories(checkout.resolve("scripts"));
        for (String file : List.of("pyro", "scripts/jdk.sh", "scripts/host.sh", "scripts/install.sh")) {
            Files.copy(Path.of(file), checkout.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        write("pom.xml", "<project/>");
        write("src/main/java/A.java", "class A {}");
        write("src/main/java/B.java", "class B {}");
        write("guest/agent.c", "int main;");
        bin = Files.createDirectory(top.resolve("bin"));
        for (String program : SYSTEM_PROGRAMS) {
            script(bin.resolve(program), "#!/bin/sh\nexec " + systemProgram(program) + " \"$@\"\n");
        }
        for (String program : List.of("make", "gcc", "musl-gcc")) {
            script(bin.resolve(program), "#!/bin/sh\n");
        }
        script(bin.resolve("mvn"), MAVEN);
        jdk = makeJdk(top.resolve("a jdk"), "25.0.1");
        variables.put("PATH", bin.toString());
        variables.put("JAVA_HOME", jdk.toString());
        variables.put("HOME", top.toString());
    }

    @AfterEach
    void endProcesses() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void theFirstStartBuildsTrainsAndRuns() throws Exception {
        Run run = pyro("run", "debian:12", "--", "echo", "two words", "", "*", "$HOME");
        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).contains("phase=build").contains("phase=train");
        assertThat(run.output())
                .contains("with archive\n", "program 1\n")
                .contains("<run>\n<debian:12>\n<-->\n<echo>\n<two words>\n<>\n<*>\n<$HOME>\n")
                .contains("<-XX:+UseSerialGC>\n<-XX:TieredStopAtLevel=1>\n");
        assertThat(builds()).singleElement().asString().contains("-Dpyro.checks=false package");
        assertThat(Files.readString(checkout.resolve("target/build.log"))).contains("JAVA_HOME is " + jdk);
    }

    @Test
    void theNextStartOnlyRuns() throws Exception {
        pyro();
        Run run = pyro("--version");
        assertThat(run.errors()).isEmpty();
        assertThat(run.output()).contains("with archive\n", "<--version>\n");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void theMcpServerHasAnArchiveOfItsOwn() throws Exception {
        assertThat(pyro("mcp", "serve").output())
                .contains("with archive\n", "25.0.1+1-mcp.aot>", "<-Xms32m>", "<mcp>\n<serve>\n");
        Run run = pyro("run", "mcp");
        assertThat(run.errors()).isEmpty();
        assertThat(run.output()).contains("with archive\n", "25.0.1+1.aot>").doesNotContain("-Xms", "-mcp.aot");
        assertThat(Files.readString(checkout.resolve("target/training.log"))).contains("<mcp>\n");
    }

    @Test
    void theProgramsExitCodeIsThatOfTheLauncher() throws Exception {
        pyro();
        Files.writeString(top.resolve("exit-code"), "42");
        assertThat(pyro().exitCode()).isEqualTo(42);
    }

    @Test
    void aChangedSourceIsBuilt() throws Exception {
        pyro();
        touch("src/main/java/A.java");
        assertThat(pyro().output()).contains("program 2\n");
        touch("guest/agent.c");
        assertThat(pyro().output()).contains("program 3\n");
        touch("pom.xml");
        assertThat(pyro().output()).contains("program 4\n");
        assertThat(pyro().errors()).isEmpty();
    }

    @Test
    void aDeletedSourceIsNoticed() throws Exception {
        pyro();
        Files.delete(checkout.resolve("src/main/java/B.java"));
        assertThat(pyro().output()).contains("program 2\n");
    }

    @Test
    void whatABuildMakesIsNoSource() throws Exception {
        pyro();
        write("guest/build/agent.o", "object");
        write("target/classes/A.class", "class");
        write("src/test/java/ATest.java", "class ATest {}");
        assertThat(pyro().errors()).isEmpty();
    }

    @Test
    void whatMavenBuiltByHandIsTakenAsItIs() throws Exception {
        pyro();
        touch("src/main/java/A.java");
        Files.writeString(checkout.resolve("target/pyro.jar"), "by hand");
        Files.setLastModifiedTime(
                checkout.resolve("target/pyro.jar"), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(pyro().output()).contains("program by hand\n", "with archive\n");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void aBrokenJarIsBuiltAgain() throws Exception {
        pyro();
        Files.writeString(checkout.resolve("target/pyro.jar"), "broken");
        touch("src/main/java/A.java");
        Files.setLastModifiedTime(
                checkout.resolve("target/pyro.jar"), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(pyro().output()).contains("program 2\n");
    }

    @Test
    void aFailedBuildShowsTheEndOfItsLogAndIsTriedAgain() throws Exception {
        Files.createFile(top.resolve("broken-build"));
        Run run = pyro();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors()).contains("cannot find symbol", "[error] building the program failed", "build.log");
        Files.delete(top.resolve("broken-build"));
        assertThat(pyro().exitCode()).isZero();
    }

    @Test
    void aKilledBuildLeavesNothingHalfUsed() throws Exception {
        Files.createFile(top.resolve("hold"));
        Process first = start(List.of());
        await().atMost(BOUND).until(() -> Files.exists(top.resolve("building")));
        write("target/classes/Half.class", "half");
        write("target/pyro.jar", "half a jar");
        Files.setLastModifiedTime(
                checkout.resolve("target/pyro.jar"), FileTime.from(Instant.now().plusSeconds(5)));
        List<ProcessHandle> tree = first.descendants().toList();
        first.destroyForcibly();
        tree.forEach(ProcessHandle::destroyForcibly);
        first.waitFor();
        Files.delete(top.resolve("hold"));

        assertThat(pyro().output()).contains("program 2\n");
        assertThat(checkout.resolve("target/classes/Half.class")).doesNotExist();
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        Files.createFile(top.resolve("hold"));
        Path firstErrors = top.resolve("first");
        Path secondErrors = top.resolve("second");
        Process first = start(List.of(), top.resolve("out1"), firstErrors);
        await().atMost(BOUND).until(() -> Files.exists(top.resolve("building")));
        Process second = start(List.of(), top.resolve("out2"), secondErrors);
        await().atMost(BOUND).until(() -> Files.readString(secondErrors).contains("phase=wait"));
        Files.delete(top.resolve("hold"));
        assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(List.of(first.exitValue(), second.exitValue())).containsOnly(0);
        assertThat(Files.readString(top.resolve("out2"))).contains("program 1\n", "with archive\n");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void aFailedTrainingDoesNoHarmAndIsNotRepeated() throws Exception {
        Files.createFile(top.resolve("no-archive"));
        Run run = pyro();
        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).doesNotContain("with archive");
        assertThat(pyro().errors()).isEmpty();
    }

    @Test
    void anotherJdkGetsAnArchiveOfItsOwn() throws Exception {
        pyro();
        variables.put("JAVA_HOME", makeJdk(top.resolve("newer"), "26.0.2").toString());
        Run run = pyro();
        assertThat(run.errors()).contains("phase=train").doesNotContain("phase=build");
        assertThat(run.output()).contains("26.0.2+1.aot");
        variables.put("JAVA_HOME", jdk.toString());
        assertThat(pyro().errors()).isEmpty();
    }

    @Test
    void runsThroughLinksAndFromAnywhere() throws Exception {
        pyro();
        Path absolute = Files.createSymbolicLink(top.resolve("absolute"), checkout.resolve("pyro"));
        Files.createSymbolicLink(bin.resolve("pyro"), Path.of("../absolute"));
        assertThat(run(top, List.of(absolute.toString())).output()).contains("program 1\n");
        assertThat(run(Path.of("/"), List.of(bin.resolve("pyro").toString())).output())
                .contains("program 1\n");
        assertThat(run(checkout, List.of("sh", "pyro")).output()).contains("program 1\n");
        assertThat(run(checkout, List.of("./pyro")).output()).contains("program 1\n");
        assertThat(run(checkout.resolve("src"), List.of("../pyro")).output()).contains("program 1\n");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void theTrainingSeesAbsolutePathsWhereverItIsStarted() throws Exception {
        assertThat(run(checkout, List.of("./pyro")).output()).contains("with archive\n", "program 1\n");
        assertThat(Files.readString(checkout.resolve("target/training.log")))
                .contains("<" + checkout.toRealPath().resolve("target/launcher"))
                .doesNotContain("<.");
    }

    @Test
    void anotherUserRunsAFinishedCheckoutAndCannotBuildOne() throws Exception {
        Path setpriv = Path.of("/usr/bin/setpriv");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                System.getProperty("user.name").equals("root") && Files.isExecutable(setpriv),
                "needs root to become nobody");
        for (Path folder : List.of(temporary, top, checkout)) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        List<String> asNobody = List.of(
                setpriv.toString(),
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                checkout.resolve("pyro").toString());
        Run unbuilt = run(top, asNobody);
        assertThat(unbuilt.exitCode()).isEqualTo(1);
        assertThat(unbuilt.errors()).contains("cannot be written").contains("as a user who may");

        pyro();
        Run built = run(top, asNobody);
        assertThat(built.errors()).isEmpty();
        assertThat(built.output()).contains("program 1\n", "with archive\n");

        touch("src/main/java/A.java");
        Run stale = run(top, asNobody);
        assertThat(stale.errors()).contains("warning").contains("newer than the program");
        assertThat(stale.output()).contains("program 1\n");
    }

    @Test
    void extraOptionsReachTheJvm() throws Exception {
        variables.put("PYRO_JAVA_OPTS", "-Xmx64m -Dx=y");
        assertThat(pyro().output()).containsSubsequence("<-Xmx128m>", "<-Xmx64m>\n<-Dx=y>", "<-jar>");
    }

    @Test
    void theLocaleHasAllLetters() throws Exception {
        assertThat(pyro().output()).contains("LC_ALL is C.UTF-8\n");
        variables.put("LANG", "de_DE.UTF-8");
        assertThat(pyro().output()).contains("LC_ALL is not set\n");
        variables.put("LC_CTYPE", "POSIX");
        assertThat(pyro().output()).contains("LC_ALL is C.UTF-8\n");
        variables.put("LC_CTYPE", "en_US.utf8");
        assertThat(pyro().output()).contains("LC_ALL is not set\n");
        variables.put("LC_ALL", "C");
        assertThat(pyro().output()).contains("LC_ALL is C.UTF-8\n");
        variables.put("LC_ALL", "fr_FR.UTF-8");
        assertThat(pyro().output()).contains("LC_ALL is fr_FR.UTF-8\n");
    }

    @Test
    void aJdkThatIsTooOldIsPassedOver() throws Exception {
        variables.put("JAVA_HOME", makeJdk(top.resolve("old"), "17.0.15").toString());
        Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
        assertThat(pyro().output()).contains("25.0.1+1.aot");
        assertThat(Files.readString(checkout.resolve("target/launcher/jdk"))).isEqualTo(jdk + "\n");

        makeJdk(jdk, "24.0.1");
        Files.delete(bin.resolve("java"));
        Path sdkman = makeJdk(top.resolve(".sdkman/candidates/java/25-tem"), "25");
        withoutTheHostsFolders();
        assertThat(pyro().exitCode()).isZero();
        assertThat(Files.readString(checkout.resolve("target/launcher/jdk"))).isEqualTo(sdkman + "\n");
    }

    @Test
    void withoutAJdkTheMessageSaysWhatWasFoundAndWhatToDo() throws Exception {
        Path old = makeJdk(top.resolve("old"), "17.0.15");
        variables.put("JAVA_HOME", old.toString());
        Path jre = makeJdk(top.resolve(".jdks/jre"), "25.0.2");
        Files.delete(jre.resolve("bin/javac"));
        withoutTheHostsFolders();
        Run run = pyro();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors())
                .contains("[error] Pyro needs a JDK, version 25 or newer")
                .contains(old + " (version 17.0.15)", jre + " (version 25.0.2)")
                .contains("JAVA_HOME", "adoptium");
    }

    @Test
    void missingPackagesAreInstalledByRoot() throws Exception {
        Files.move(bin.resolve("mvn"), top.resolve("mvn"));
        Files.delete(bin.resolve("id"));
        script(bin.resolve("id"), "#!/bin/sh\necho 0\n");
        script(bin.resolve("apt-get"), """
                #!/bin/sh
                echo "$@" >>'@TOP@/apt'
                case $* in
                    *update*) : >'@TOP@/lists' ;;
                    *) [ -e '@TOP@/lists' ] && cp '@TOP@/mvn' '@TOP@/bin/mvn' ;;
                esac
                """);
        Run run = pyro();
        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).contains("purpose=\"to build the program\" packages=\"maven\"");
        assertThat(Files.readAllLines(top.resolve("apt")))
                .hasSize(3)
                .last()
                .asString()
                .endsWith("install -y --no-install-recommends maven");
    }

    @Test
    void missingPackagesAreNamedToAUserWhoMayNotInstallThem() throws Exception {
        Files.delete(bin.resolve("mvn"));
        Files.delete(bin.resolve("musl-gcc"));
        Files.delete(bin.resolve("id"));
        script(bin.resolve("id"), "#!/bin/sh\necho 1000\n");
        script(bin.resolve("apt-get"), "#!/bin/sh\nexit 1\n");
        script(bin.resolve("sudo"), "#!/bin/sh\nexit 1\n");
        Run run = pyro();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors()).contains("Run: sudo apt-get install -y --no-install-recommends maven musl-tools\n");

        Files.delete(bin.resolve("id"));
        script(bin.resolve("id"), "#!/bin/sh\necho 0\n");
        variables.put("PYRO_NO_INSTALL", "1");
        assertThat(pyro().errors()).contains("Run: apt-get install -y --no-install-recommends maven musl-tools\n");
    }

    /** What a finished run left. */
    private record Run(int exitCode, String output, String errors) {}

    private Run pyro(String... arguments) throws Exception {
        return run(
                top,
                Stream.concat(Stream.of(checkout.resolve("pyro").toString()), Stream.of(arguments))
                        .toList());
    }

    private Run run(Path directory, List<String> command) throws Exception {
        Path output = Files.createTempFile(temporary, "out", "");
        Path errors = Files.createTempFile(temporary, "err", "");
        Process process = start(directory, command, output, errors);
        assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(output), Files.readString(errors));
    }

    private Process start(List<String> arguments) throws IOException {
        return start(arguments, temporary.resolve("out"), temporary.resolve("err"));
    }

    private Process start(List<String> arguments, Path output, Path errors) throws IOException {
        return start(
                top,
                Stream.concat(Stream.of(checkout.resolve("pyro").toString()), arguments.stream())
                        .toList(),
                output,
                errors);
    }

    private Process start(Path directory, List<String> command, Path output, Path errors) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectOutput(output.toFile());
        builder.redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(top.resolve("builds"));
    }

    /** The test's host has a JDK that fits; only those under HOME are to be found. */
    private void withoutTheHostsFolders() throws IOException {
        Path script = checkout.resolve("scripts/jdk.sh");
        String text = Files.readString(script);
        String changed = text.replaceAll("for folder in /usr/lib/jvm[^\\\\]*\\\\", "for folder in \\\\");
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(script, changed);
    }

    private Path makeJdk(Path home, String version) throws IOException {
        Files.createDirectories(home.resolve("bin"));
        script(home.resolve("bin/java"), JAVA);
        script(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Test\"\nJAVA_RUNTIME_VERSION=\"%1$s+1\"\nJAVA_VERSION=\"%1$s\"\n".formatted(version));
        return home;
    }

    private void script(Path file, String text) throws IOException {
        Files.writeString(file, text.replace("@TOP@", top.toString()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void write(String file, String text) throws IOException {
        Path path = checkout.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void touch(String file) throws IOException {
        Files.writeString(checkout.resolve(file), " ", CREATE, APPEND);
    }

    private static Path systemProgram(String name) {
        return Stream.of("/usr/bin/", "/bin/")
                .map(folder -> Path.of(folder + name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name));
    }
}
