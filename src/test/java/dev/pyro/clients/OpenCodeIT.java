package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ToolProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** OpenCode uses a workspace through our server, with the tools of {@code workspace-full}. */
class OpenCodeIT extends AgentFixture {
    private static final ToolProfile PROFILE = ToolProfile.WORKSPACE_FULL;

    /** What it waits unless told otherwise. */
    private static final Duration CALL_BOUND = Duration.ofSeconds(60);

    /** Less, so that the test is short. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void aWorkspaceFromCreationToDeletion() throws IOException {
        plays(WorkspaceStory.script(ServedTools.names(PROFILE)), CALL_BOUND);
    }

    /** It gives up a call that it has not heard of for its time-out. */
    @Test
    void aSilentCommandMayTakeLongerThanTheClientsPatience() throws IOException {
        long seconds = PATIENCE.plusSeconds(5).toSeconds();
        JsonObject arguments = JsonObject.builder()
                .put("environment", ENVIRONMENT)
                .put("command", "sleep " + seconds + "; echo awake")
                .put("timeout_seconds", 2 * seconds)
                .build();
        ModelScript script = new ModelScript(ServedTools.names(PROFILE))
                .call(
                        "vm_run",
                        () -> arguments,
                        answer -> assertThat(WorkspaceStory.payload(answer).string("stdout"))
                                .isEqualTo("awake\n"));
        plays(script, PATIENCE);
    }

    private void plays(ModelScript script, Duration patience) throws IOException {
        try (ScriptedModel model = new ScriptedModel(new ChatCompletionsApi(), "pyro_", script)) {
            Files.writeString(work().resolve("opencode.json"), Json.write(configuration(model.url(), patience)));
            String output = run(
                    List.of(ClientTools.openCode().toString(), "run", "Work in a workspace.", "--print-logs"),
                    variables());
            script.assertPlayed();
            assertThat(output).contains("All steps are done.");
        }
    }

    private JsonObject configuration(String modelUrl, Duration patience) {
        JsonObject server = JsonObject.builder()
                .put("type", "local")
                .put("command", JsonArray.ofStrings(ServedTools.command(PROFILE)))
                .put("environment", serverEnvironment())
                .put("timeout", patience.toMillis())
                .put("enabled", true)
                .build();
        return JsonObject.builder()
                .put("autoupdate", false)
                .put("share", "disabled")
                .put("model", "scripted/model")
                .put("small_model", "scripted/model")
                .put("enabled_providers", JsonArray.ofStrings(List.of("scripted")))
                .put(
                        "provider",
                        JsonObject.builder().put("scripted", provider(modelUrl)).build())
                .put("mcp", JsonObject.builder().put("pyro", server).build())
                // None of its own: the last pattern that fits a tool's name decides.
                .put(
                        "tools",
                        JsonObject.builder().put("*", false).put("pyro_*", true).build())
                .build();
    }

    /** A provider whose library is part of OpenCode's program, so that nothing is downloaded. */
    private static JsonObject provider(String modelUrl) {
        JsonObject options = JsonObject.builder()
                .put("baseURL", modelUrl + "/v1")
                .put("apiKey", "none")
                .build();
        JsonObject model = JsonObject.builder()
                .put("name", "A script")
                .put("tool_call", new JsonBoolean(true))
                .put(
                        "limit",
                        JsonObject.builder()
                                .put("context", 200_000)
                                .put("output", 8_000)
                                .build())
                .build();
        return JsonObject.builder()
                .put("npm", "@ai-sdk/openai-compatible")
                .put("name", "Scripted")
                .put("options", options)
                .put("models", JsonObject.builder().put("model", model).build())
                .build();
    }

    private Map<String, String> variables() {
        return Map.ofEntries(
                Map.entry("XDG_CONFIG_HOME", home().resolve("config").toString()),
                Map.entry("XDG_DATA_HOME", home().resolve("data").toString()),
                Map.entry("XDG_STATE_HOME", home().resolve("state").toString()),
                Map.entry("XDG_CACHE_HOME", home().resolve("cache").toString()),
                Map.entry("OPENCODE_DISABLE_AUTOUPDATE", "1"),
                Map.entry("OPENCODE_DISABLE_MODELS_FETCH", "1"),
                Map.entry("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
                Map.entry("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
                Map.entry("OPENCODE_DISABLE_SHARE", "1"));
    }
}
