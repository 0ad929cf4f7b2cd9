package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A state folder for workspaces, which must be empty again at the end, and what tests do with it again and again. */
abstract class WorkspaceFixture {
    private static final long HOST_COMMAND_SECONDS = 60;

    @TempDir
    protected Path folder;

    protected PyroLauncher pyro;

    @BeforeEach
    final void openFolder() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = open(folder.resolve("state"));
    }

    /** Returns what runs the commands of these tests. */
    protected PyroLauncher open(Path state) {
        return new PyroLauncher(state);
    }

    @AfterEach
    final void nothingIsLeft() {
        for (Path workspace : pyro.machineFolders()) {
            pyro.ok("workspace", "delete", workspace.getFileName().toString());
        }
        pyro.awaitNothingLeft();
    }

    /** Makes a workspace on a back end and returns its id. */
    protected String create(String backend, String... more) {
        return createdJson(backend, more).string("workspace_id");
    }

    protected JsonReader createdJson(String backend, String... more) {
        pyro.with("PYRO_BACKEND", backend);
        return pyro.json(creation(more));
    }

    /** Returns the command that makes a workspace, with more options. */
    protected static String[] creation(String... more) {
        List<String> command = new ArrayList<>(List.of("workspace", "create", "debian:12", "--allow-host-compat"));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    /** Runs a shell command in a workspace that must succeed, and returns its output. */
    protected String exec(String id, String script) {
        return pyro.ok("workspace", "exec", id, "--", "sh", "-c", script);
    }

    protected List<String> ids() {
        return pyro.json("workspace", "list").array("workspaces").stream()
                .map(entry -> new JsonReader((JsonObject) entry).string("workspace_id"))
                .toList();
    }

    protected Path record(String id) {
        return pyro.state().resolve("workspaces").resolve(id).resolve("workspace.json");
    }

    /** Runs a shell command of the host that must succeed, and returns its output. */
    protected static String host(Path directory, String script) {
        return host(directory, List.of("sh", "-euc", script));
    }

    /** Runs a command of the host that must succeed, and returns its output. */
    protected static String host(Path directory, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(HOST_COMMAND_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
