package dev.pyro.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HeldProcessTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String PATH = "/usr/bin:/bin";

    @TempDir
    Path folder;

    @Test
    void isAShellUntilItIsReleased() {
        assertThat(HeldProcess.commandLine(program(folder, folder.resolve("state"), "qemu", "-M", "microvm")))
                .containsExactly(
                        "setsid",
                        "/bin/sh",
                        "-c",
                        "read -r go || exit 125; input=$1; shift; exec \"$@\" <\"$input\"",
                        "pyro-held",
                        folder + "/state",
                        "qemu",
                        "-M",
                        "microvm");
        assertThat(HeldProcess.commandLine(program(folder, null, "bwrap"))).endsWith("/dev/null", "bwrap");
    }

    @Test
    void becomesItsProgramWithItsInputOnlyWhenItIsReleased() throws IOException {
        Path input = Files.writeString(folder.resolve("input with a space"), "text");
        HeldProcess held = HeldProcess.start(program(
                folder, input, "sh", "-c", "echo $$ $PATH $(pwd) $# \"$1\" \"$2\"; cat; exit 3", "sh", "a 'b", ""));
        await().during(Duration.ofMillis(200)).atMost(BOUND).until(held::isAlive);
        assertThat(log()).isEmptyFile();

        held.release();
        held.abandon();

        await().atMost(BOUND).until(() -> !held.isAlive());
        assertThat(held.exitCode()).isEqualTo(3);
        assertThat(Files.readString(log()))
                .isEqualTo(held.identity().pid() + " " + PATH + " " + folder + " 2 a 'b \ntext");
    }

    @Test
    void keepsItsIdentityInASessionOfItsOwn() throws IOException {
        HeldProcess held = HeldProcess.start(program(folder, null, "sleep", "60"));
        held.release();
        await().atMost(BOUND)
                .until(() -> ProcessHandle.of(held.identity().pid())
                        .flatMap(process -> process.info().command())
                        .orElse("")
                        .endsWith("sleep"));

        assertThat(held.identity().isAlive()).isTrue();
        String[] stat = Files.readString(Path.of("/proc/" + held.identity().pid() + "/stat"))
                .split(" ");
        assertThat(stat[5]).isEqualTo(Long.toString(held.identity().pid()));
        held.identity().kill();
        await().atMost(BOUND).until(() -> !held.isAlive());
    }

    @Test
    void doesNothingWhenItIsAbandoned() throws IOException {
        Path made = folder.resolve("made");
        HeldProcess held = HeldProcess.start(program(folder, null, "touch", made.toString()));

        held.abandon();

        assertThat(held.isAlive()).isFalse();
        assertThat(held.identity().isAlive()).isFalse();
        held.release();
        assertThat(made).doesNotExist();
        assertThat(log()).isEmptyFile();
    }

    @Test
    void endsWhenItsParentIsKilledBeforeThatAndStaysWhenAfter() throws Exception {
        for (boolean released : List.of(false, true)) {
            Path pid = folder.resolve("pid-" + released);
            Process parent = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Holder.class.getName(),
                            folder.toString(),
                            pid.toString(),
                            Boolean.toString(released))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("parent").toFile())
                    .start();
            ProcessIdentity held;
            try {
                await().atMost(BOUND).until(() -> Files.exists(pid));
                held = ProcessIdentity.of(Long.parseLong(Files.readString(pid))).orElseThrow();
            } finally {
                parent.destroyForcibly().waitFor();
            }
            if (released) {
                await().during(Duration.ofMillis(500)).atMost(BOUND).until(held::isAlive);
                held.kill();
            }
            await().atMost(BOUND).until(() -> !held.isAlive());
        }
    }

    @Test
    void aProgramThatIsNotThereIsInTheLog() throws IOException {
        HeldProcess held =
                HeldProcess.start(program(folder, null, folder.resolve("none").toString()));

        held.release();

        await().atMost(BOUND).until(() -> !held.isAlive());
        assertThat(held.exitCode()).isEqualTo(127);
        assertThat(Files.readString(log())).contains(folder + "/none");
    }

    @Test
    void aFolderThatIsNotThereIsTold() {
        assertThatThrownBy(() -> HeldProcess.start(
                        new HeldProcess.Program(List.of("true"), folder.resolve("none"), Map.of(), null, log())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none");
    }

    private Path log() {
        return folder.resolve("log");
    }

    private static HeldProcess.Program program(Path folder, @Nullable Path input, String... command) {
        return new HeldProcess.Program(List.of(command), folder, Map.of("PATH", PATH), input, folder.resolve("log"));
    }

    /** Holds a process until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            HeldProcess held = HeldProcess.start(program(Path.of(arguments[0]), null, "sleep", "60"));
            if (Boolean.parseBoolean(arguments[2])) {
                held.release();
            }
            Path pid = Path.of(arguments[1]);
            Path written = Files.writeString(
                    pid.resolveSibling("new"), Long.toString(held.identity().pid()));
            Files.move(written, pid);
            System.in.read();
        }
    }
}
