package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.e2e.PyroLauncher;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/**
 * A coding agent with home, settings and work folder of its own, whose model is a script and whose only tools are Pyro's. It
 * sees nothing of the user's settings, and reaches no network: every proxy that it is told of refuses it.
 */
@Tag("clients")
abstract class AgentFixture {
    private static final Duration BOUND = Duration.ofMinutes(4);
    private static final Duration PROCESSES_END = Duration.ofSeconds(30);
    private static final String NO_PROXY_THERE = "http://127.0.0.1:1";
    static final String ENVIRONMENT = "debian:12";

    @TempDir
    protected Path folder;

    protected PyroLauncher pyro;

    @BeforeEach
    final void openFolder() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(home());
        Files.createDirectory(work());
        Files.createDirectory(temporary());
        pyro = new PyroLauncher(folder.resolve("state")).with("PYRO_BACKEND", "qemu");
        // So that no conversation waits for the program or the environment to be built.
        pyro.ok("env", "pull", ENVIRONMENT);
    }

    @AfterEach
    final void nothingIsLeft() {
        try {
            // The agent, our server and what they started: all have inherited the agent's home.
            Awaitility.await()
                    .atMost(PROCESSES_END)
                    .untilAsserted(() -> assertThat(processesOf(home())).isEmpty());
            pyro.awaitNothingLeft();
        } finally {
            processesOf(home()).forEach(ProcessHandle::destroyForcibly);
        }
    }

    final Path home() {
        return folder.resolve("home");
    }

    final Path work() {
        return folder.resolve("work");
    }

    private static List<ProcessHandle> processesOf(Path home) {
        String variable = "HOME=" + home + "\0";
        return ProcessHandle.allProcesses()
                .filter(process -> environmentOf(process).contains(variable))
                .toList();
    }

    private static String environmentOf(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended, or it is somebody else's.
            return "";
        }
    }

    private Path temporary() {
        return folder.resolve("tmp");
    }

    /** Our server's environment, as clients take it. */
    final JsonObject serverEnvironment() {
        JsonValue.Builder members = JsonObject.builder();
        pyro.environment().forEach(members::put);
        return members.build();
    }

    /** Runs the agent to its end, which must be a good one, and returns what it printed. */
    final String run(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(work().toFile());
        Map<String, String> all = builder.environment();
        String path = all.getOrDefault("PATH", "/usr/bin:/bin");
        all.clear();
        all.putAll(Map.of("PATH", path, "LANG", "C.UTF-8", "HOME", home().toString()));
        all.put("TMPDIR", temporary().toString());
        all.putAll(Map.of("HTTP_PROXY", NO_PROXY_THERE, "HTTPS_PROXY", NO_PROXY_THERE, "NO_PROXY", "127.0.0.1"));
        all.putAll(environment);
        Outcome outcome = PyroLauncher.startProgram(builder).await(BOUND);
        assertThat(outcome.exitCode())
                .as(() -> outcome.stdout() + outcome.stderr())
                .isZero();
        return outcome.stdout();
    }
}
