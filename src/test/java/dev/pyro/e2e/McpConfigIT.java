package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonString;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pyro mcp config} through the launcher: what it writes starts a server. */
class McpConfigIT {
    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"test","version":"1"}}}
            """;

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() {
        pyro = new PyroLauncher(folder.resolve("state")).with("HOME", folder.toString());
    }

    @Test
    void whatIsWrittenStartsAServerThatAnswers() throws Exception {
        JsonReader written = pyro.json("mcp", "config", "cursor", "--write", "--profile", "vm-run");
        assertThat(written.string("outcome")).isEqualTo("created");
        assertThat(written.string("command"))
                .isEqualTo(PyroLauncher.PROJECT.resolve("pyro").toString());
        Path file = Path.of(written.string("config_path"));
        assertThat(file).isEqualTo(folder.resolve(".cursor/mcp.json"));
        JsonReader entry =
                Json.parseObject(Files.readString(file)).object("mcpServers").object("pyro");
        assertThat(entry.stringMap("env"))
                .containsEntry("PYRO_STATE_DIR", pyro.state().toString())
                .doesNotContainKey("PYRO_LAUNCHER");
        assertThat(answer(entry).object("result").object("serverInfo").string("name"))
                .isNotBlank();
        assertThat(pyro.ok("mcp", "config", "cursor", "--write", "--profile", "vm-run"))
                .startsWith("Nothing to do: ");
        assertThat(pyro.ok("mcp", "config", "cursor", "--write")).startsWith("Replaced ");
    }

    /** As a program does that passes nothing on, from another folder. */
    private JsonReader answer(JsonReader entry) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(entry.string("command")));
        command.addAll(entry.strings("args"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().putAll(entry.stringMap("env"));
        Process process = builder.start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            process.getOutputStream().write(INITIALIZE.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            JsonReader answer = Json.parseObject(output.readLine());
            process.getOutputStream().close();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            return answer;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aLinkToTheLauncherLeadsToTheLauncherItself() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("p"), PyroLauncher.PROJECT.resolve("pyro"));
        var outcome = pyro.startProgram(List.of(link.toString(), "mcp", "config", "codex"))
                .await();
        assertThat(outcome.stdout())
                .contains("command = "
                        + Json.write(new JsonString(
                                PyroLauncher.PROJECT.resolve("pyro").toString())));
    }

    @Test
    void aBrokenFileIsOneMessage() throws IOException {
        Path file = Files.writeString(folder.resolve(".claude.json"), "{\n  \"a\": 1,\n}\n");
        String message = pyro.fails("CLIENT_CONFIG_UNUSABLE", "mcp", "config", "claude-code", "--write");
        assertThat(message).contains(file.toString(), "line 3").doesNotContain("\n");
        assertThat(file).hasContent("{\n  \"a\": 1,\n}\n");
    }
}
