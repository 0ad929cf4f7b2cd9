package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ToolProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Claude Code uses a workspace through our server, with the tools of {@code workspace-core}. */
class ClaudeCodeIT extends AgentFixture {
    private static final ToolProfile PROFILE = ToolProfile.WORKSPACE_CORE;

    @Test
    void aWorkspaceFromCreationToDeletion() throws IOException {
        Path configuration = folder.resolve("mcp.json");
        Files.writeString(configuration, Json.write(configuration()));
        ModelScript script = WorkspaceStory.script(ServedTools.names(PROFILE));
        try (ScriptedModel model = new ScriptedModel(new MessagesApi(), "mcp__pyro__", script)) {
            List<String> command = List.of(
                    ClientTools.claudeCode().toString(),
                    "--print",
                    "Work in a workspace.",
                    "--output-format",
                    "json",
                    "--mcp-config",
                    configuration.toString(),
                    "--strict-mcp-config",
                    "--allowed-tools",
                    "mcp__pyro",
                    // None of its own.
                    "--tools",
                    "");
            String output = run(command, variables(model.url()));
            script.assertPlayed();
            JsonReader result = Json.parseObject(output);
            assertThat(result.bool("is_error")).isFalse();
            assertThat(result.array("permission_denials")).isEmpty();
            assertThat(result.string("result")).isEqualTo("All steps are done.");
        }
    }

    private JsonObject configuration() {
        List<String> serve = ServedTools.command(PROFILE);
        JsonObject server = JsonObject.builder()
                .put("command", serve.getFirst())
                .put("args", JsonArray.ofStrings(serve.subList(1, serve.size())))
                .put("env", serverEnvironment())
                .build();
        return JsonObject.builder()
                .put("mcpServers", JsonObject.builder().put("pyro", server).build())
                .build();
    }

    private static Map<String, String> variables(String modelUrl) {
        return Map.ofEntries(
                Map.entry("ANTHROPIC_BASE_URL", modelUrl),
                Map.entry("ANTHROPIC_API_KEY", "none"),
                Map.entry("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
                Map.entry("DISABLE_TELEMETRY", "1"),
                Map.entry("DISABLE_AUTOUPDATER", "1"),
                // All tools with their schemas in the first request, which waits for the server.
                Map.entry("ENABLE_TOOL_SEARCH", "false"),
                Map.entry("MCP_CONNECTION_NONBLOCKING", "0"));
    }
}
