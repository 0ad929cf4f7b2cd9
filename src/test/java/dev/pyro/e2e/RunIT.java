package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code pyro run} as a user meets it: the launcher, a real guest, and nothing left behind. */
class RunIT {
    /** The first start of a build waits for the environment, the kernel and the template. */
    private static final Duration GUEST_STARTS = Duration.ofMinutes(6);

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state"));
    }

    @AfterEach
    void nothingIsLeft() {
        pyro.awaitNothingLeft();
    }

    @Test
    void theFirstCommandOfTheReadme() {
        Outcome outcome = pyro.run("run", "debian:12", "--", "git", "--version");
        assertThat(outcome.stdout()).startsWith("git version ");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.stderr().lines().toList())
                .anyMatch(line -> line.equals("[run] phase=create environment=debian:12"))
                .anyMatch(line -> line.matches("\\[run] phase=start vm_id=vm-[0-9a-f]{12}"))
                .anyMatch(line -> line.matches("\\[run] phase=execute vm_id=vm-[0-9a-f]{12}"));
        assertThat(outcome.stderr().lines().toList().getLast())
                .matches("\\[run] environment=debian:12 execution_mode=guest_virtio exit_code=0 duration_ms=\\d+");
    }

    @Test
    void jsonIsOneDocumentWithEveryFieldOfTheContract() {
        Outcome outcome = pyro.run("run", "--json", "debian:12", "--", "sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(outcome.exitCode()).isZero();
        JsonReader json = Json.parseObject(outcome.stdout());
        assertThat(json.object().members().keySet())
                .contains(
                        "vm_id",
                        "environment",
                        "environment_version",
                        "command",
                        "stdout",
                        "stderr",
                        "exit_code",
                        "duration_ms",
                        "execution_mode",
                        "cleanup",
                        "timed_out",
                        "stdout_truncated",
                        "stderr_truncated");
        assertThat(json.string("stdout")).isEqualTo("out\n");
        assertThat(json.string("stderr")).isEqualTo("err\n");
        assertThat(json.integer("exit_code")).isEqualTo(3);
        assertThat(json.string("command")).isEqualTo("sh -c 'echo out; echo err >&2; exit 3'");
        assertThat(json.object("cleanup").bool("deleted")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1", "no-such-program, 127", "/etc/passwd, 126"})
    void theExitCodeIsTheCommands(String command, int expected) {
        assertThat(pyro.run("run", "debian:12", "--", command).exitCode()).isEqualTo(expected);
    }

    @Test
    void everyByteOfStdoutComesThroughInOrder() {
        Outcome outcome = pyro.run(
                "run",
                "debian:12",
                "--",
                "python3",
                "-c",
                "import sys; sys.stdout.buffer.write(bytes(range(256)) * 40000)");
        assertThat(outcome.exitCode()).isZero();
        byte[] expected = new byte[256 * 40_000];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) i;
        }
        assertThat(Arrays.equals(outcome.stdoutBytes(), expected)).isTrue();
    }

    @Test
    void aTimeOutKillsTheWholeTreeAndSaysSo() {
        Outcome outcome = pyro.run(
                "run",
                "--json",
                "--timeout-seconds",
                "2",
                "debian:12",
                "--",
                "sh",
                "-c",
                "echo before; setsid sleep 1000 & sleep 1000");
        JsonReader json = Json.parseObject(outcome.stdout());
        assertThat(json.integer("exit_code")).isEqualTo(124);
        assertThat(json.bool("timed_out")).isTrue();
        assertThat(json.string("stdout")).isEqualTo("before\n");
        assertThat(pyro.run("run", "--timeout-seconds", "2", "debian:12", "--", "sleep", "1000")
                        .exitCode())
                .isEqualTo(124);
    }

    @Test
    void anUnknownEnvironmentListsTheKnownOnes() {
        Outcome outcome = pyro.run("run", "debian:13", "--", "true");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.stdout()).isEmpty();
        assertThat(outcome.stderr())
                .contains("[error] ", "debian:13", "debian:12", "debian:12-base", "debian:12-build");
        JsonReader json = Json.parseObject(
                pyro.run("run", "--json", "../../etc", "--", "true").stdout());
        assertThat(json.bool("ok")).isFalse();
        assertThat(json.string("code")).isEqualTo("UNKNOWN_ENVIRONMENT");
    }

    @Test
    void theGuestHasAPastOfItsOwn() {
        String script = "cat /etc/machine-id /proc/sys/kernel/hostname; head -c 16 /dev/urandom | od -An -tx1;"
                + " date +%s; df -h / | tail -1; id -u; pwd";
        String first = pyro.run("run", "debian:12", "--", "sh", "-c", script).stdout();
        String second = pyro.run("run", "debian:12", "--", "sh", "-c", script).stdout();
        List<String> firstLines = first.lines().toList();
        List<String> secondLines = second.lines().toList();
        IntStream.range(0, 3).forEach(line -> assertThat(firstLines.get(line)).isNotEqualTo(secondLines.get(line)));
        assertThat(firstLines.get(1)).matches("vm-[0-9a-f]{12}");
        assertThat(Long.parseLong(secondLines.get(3)))
                .isBetween(System.currentTimeMillis() / 1000 - 60, System.currentTimeMillis() / 1000 + 5);
        assertThat(firstLines.get(4)).contains("16G");
        assertThat(firstLines.get(5)).isEqualTo("0");
        assertThat(firstLines.get(6)).isEqualTo("/root");
    }

    @Test
    void withoutNetworkThereIsOnlyTheLoopback() {
        Outcome outcome = pyro.run("run", "debian:12", "--", "sh", "-c", "ls /sys/class/net");
        assertThat(outcome.stdout().strip()).isEqualTo("lo");
    }

    @Test
    void controlCStopsTheGuestAndExitsWith130() throws IOException, InterruptedException {
        Running running =
                pyro.start("run", "--timeout-seconds", "600", "debian:12", "--", "sh", "-c", "echo up; sleep 500");
        await().atMost(GUEST_STARTS)
                .until(() -> running.out().toString(StandardCharsets.UTF_8).contains("up"));
        assertThat(pyro.machineProcesses()).isNotEmpty();
        running.signal("INT");
        assertThat(running.await().exitCode()).isEqualTo(130);
        assertThat(pyro.machineFolders()).isEmpty();
    }

    @Test
    void aKilledRunLeavesNoMachineAndTheNextOneCleansUp() throws IOException, InterruptedException {
        Running running =
                pyro.start("run", "--timeout-seconds", "600", "debian:12", "--", "sh", "-c", "echo up; sleep 500");
        await().atMost(GUEST_STARTS)
                .until(() -> running.out().toString(StandardCharsets.UTF_8).contains("up"));
        running.signal("KILL");
        pyro.awaitNoProcess();
        running.await();
        assertThat(pyro.run("run", "debian:12", "--", "true").exitCode()).isZero();
        assertThat(pyro.machineFolders()).isEmpty();
    }

    @Test
    void eightAtOnceAllSucceed() {
        List<Running> all = IntStream.range(0, 8)
                .mapToObj(i -> pyro.start("run", "debian:12", "--", "echo", "number-" + i))
                .toList();
        for (int i = 0; i < all.size(); i++) {
            Outcome outcome = all.get(i).await();
            assertThat(outcome.stderr()).doesNotContain("[error]");
            assertThat(outcome.stdout()).isEqualTo("number-" + i + "\n");
        }
    }

    @Test
    void aColdBootGivesTheSameMachine() {
        Outcome outcome = new PyroLauncher(pyro.state())
                .with("PYRO_START", "cold")
                .run("run", "debian:12", "--", "sh", "-c", "git --version; hostname");
        assertThat(outcome.stdout()).containsPattern("git version .*\nvm-[0-9a-f]{12}\n");
    }

    @Test
    void hostCompatIsRefusedUnlessAllowedAndIsLabelled() {
        PyroLauncher namespaces = new PyroLauncher(pyro.state()).with("PYRO_BACKEND", "namespace");
        Outcome refused = namespaces.run("run", "debian:12", "--", "true");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("--allow-host-compat");
        Outcome allowed = namespaces.run("run", "--allow-host-compat", "debian:12", "--", "git", "--version");
        assertThat(allowed.stdout()).startsWith("git version ");
        assertThat(allowed.stderr()).contains("execution_mode=host_compat");
    }

    @Test
    void aReaderThatLeavesEndsTheRun() {
        // The guest would go on for ten minutes.
        Outcome outcome = pyro.startProgram(List.of(
                        "bash",
                        "-c",
                        "\"$0\" run --timeout-seconds 600 debian:12 -- yes 2>/dev/null | head -1;"
                                + " echo \"${PIPESTATUS[0]}\"",
                        PyroLauncher.PROJECT.resolve("pyro").toString()))
                .await(Duration.ofMinutes(2));
        assertThat(outcome.stdout()).isEqualTo("y\n141\n");
        pyro.awaitNothingLeft();
    }
}
