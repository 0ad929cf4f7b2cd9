package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.e2e.PyroLauncher;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ToolProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official inspector's command line over standard input and output; each call is a session with a server of its own. */
@Tag("clients")
class InspectorIT {
    private static final Duration BOUND = Duration.ofMinutes(2);

    /** How nullable values are written here, which is JSON Schema's own way. */
    private static final String NULLABLE = "`type` is an array";

    /** How the inspector ends after a tool that said isError. */
    private static final int TOOL_FAILED = 5;

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state")).with("PYRO_BACKEND", "qemu");
        pyro.ok("env", "pull", AgentFixture.ENVIRONMENT);
    }

    @AfterEach
    void nothingIsLeft() {
        pyro.awaitNothingLeft();
    }

    /** With --strict a schema that some client refuses is a failure, and what some client may not understand a warning. */
    @ParameterizedTest
    @EnumSource
    void findsTheToolsOfAProfileAndNoFaultInTheirSchemas(ToolProfile profile) {
        Outcome outcome = inspect(profile, "--method", "tools/list", "--strict");
        assertThat(outcome.exitCode()).as(outcome::stderr).isZero();
        assertThat(outcome.stderr().lines().filter(line -> line.strip().startsWith("Issue:")))
                .allSatisfy(issue -> assertThat(issue).contains(NULLABLE));
        List<JsonReader> tools = Json.parseObject(outcome.stdout()).object("result").array("tools").stream()
                .map(tool -> new JsonReader((JsonObject) tool))
                .toList();
        assertThat(tools.stream().map(tool -> tool.string("name")))
                .containsExactlyInAnyOrderElementsOf(ServedTools.names(profile));
        assertThat(tools).allSatisfy(tool -> {
            assertThat(tool.string("title")).isNotBlank();
            assertThat(tool.string("description")).isNotBlank();
            assertThat(tool.object("inputSchema").bool("additionalProperties")).isFalse();
            assertThat(tool.object("outputSchema").string("type")).isEqualTo("object");
            assertThat(tool.object("annotations").object().members())
                    .containsKeys("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint");
        });
    }

    @Test
    void oneServerAfterAnotherWorksOnAWorkspace() {
        JsonReader created = call(
                "workspace_create",
                JsonObject.builder()
                        .put("environment", AgentFixture.ENVIRONMENT)
                        .put("name", "the inspector's"));
        String id = created.string("workspace_id");
        call("workspace_file_write", inWorkspace(id).put("path", "greeting.txt").put("text", "grüß dich\n"));
        JsonReader ran = call("workspace_exec", inWorkspace(id).put("command", "cat greeting.txt; exit 4"));
        assertThat(ran.string("stdout")).isEqualTo("grüß dich\n");
        assertThat(ran.integer("exit_code")).isEqualTo(4);
        assertThat(call("workspace_diff", inWorkspace(id)).string("patch")).contains("+grüß dich\n");
        assertThat(call("workspace_list", JsonObject.builder()).integer("count"))
                .isEqualTo(1);
        assertThat(call("workspace_delete", inWorkspace(id)).bool("deleted")).isTrue();
    }

    @Test
    void aFailureIsTheToolsAndSaysWhatTheFacadeSays() {
        assertThat(failure("workspace_status", inWorkspace("ws-000000000000"))).contains("WORKSPACE_NOT_FOUND");
        assertThat(failure("workspace_status", JsonObject.builder())).contains("INVALID_ARGUMENT", "workspace_id");
        assertThat(failure("workspace_status", inWorkspace("x").put("color", "red")))
                .contains("INVALID_ARGUMENT", "color");
        assertThat(failure("vm_run", JsonObject.builder().put("environment", 7).put("command", "true")))
                .contains("INVALID_ARGUMENT", "environment");
    }

    private static JsonValue.Builder inWorkspace(String id) {
        return JsonObject.builder().put("workspace_id", id);
    }

    /** Calls a tool that must do its work, and returns the payload, which must be the same as text and as structure. */
    private JsonReader call(String tool, JsonValue.Builder arguments) {
        Outcome outcome = callTool(tool, arguments);
        assertThat(outcome.exitCode())
                .as(() -> tool + ": " + outcome.stdout() + outcome.stderr())
                .isZero();
        JsonReader result = Json.parseObject(outcome.stdout()).object("result");
        assertThat(result.bool("isError")).isFalse();
        JsonReader text = new JsonReader((JsonObject) result.array("content").getFirst());
        assertThat(Json.parse(text.string("text")))
                .isEqualTo(result.object("structuredContent").object());
        return result.object("structuredContent");
    }

    /** Calls a tool that must fail, and returns what a model would read. */
    private String failure(String tool, JsonValue.Builder arguments) {
        Outcome outcome = callTool(tool, arguments);
        assertThat(outcome.exitCode())
                .as(() -> outcome.stdout() + outcome.stderr())
                .isEqualTo(TOOL_FAILED);
        JsonReader result = Json.parseObject(outcome.stdout()).object("result");
        assertThat(result.bool("isError")).isTrue();
        assertThat(result.find("structuredContent")).isEmpty();
        return new JsonReader((JsonObject) result.array("content").getFirst()).string("text");
    }

    private Outcome callTool(String tool, JsonValue.Builder arguments) {
        return inspect(
                ToolProfile.WORKSPACE_FULL,
                "--method",
                "tools/call",
                "--tool-name",
                tool,
                "--tool-args-json",
                Json.write(arguments.build()));
    }

    private Outcome inspect(ToolProfile profile, String... options) {
        List<String> command = new ArrayList<>(ClientTools.inspector());
        command.addAll(List.of("--cli", "--format", "json"));
        command.addAll(List.of(options));
        // A client gives a server few of its own variables.
        pyro.environment().forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
        command.addAll(ServedTools.command(profile));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HOME", folder.toString());
        return PyroLauncher.startProgram(builder).await(BOUND);
    }
}
