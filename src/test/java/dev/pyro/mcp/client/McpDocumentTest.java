package dev.pyro.mcp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.mcp.Tool;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.ToolTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/mcp.md} shows what {@code pyro mcp config} prints, to the letter. */
class McpDocumentTest {
    private static final ServerAccess STDIO = new ServerAccess.Stdio(
            "/home/you/pyro/pyro", List.of("mcp", "serve", "--profile", "workspace-full"), Map.of());
    private static final ServerAccess HTTP = new ServerAccess.Http("http://127.0.0.1:8417/mcp");

    private String document = "";

    @BeforeEach
    void read() throws IOException {
        document = Files.readString(Path.of("docs/mcp.md"));
    }

    @ParameterizedTest
    @EnumSource(McpClient.class)
    void theSnippetsOfEachClientAreTheCommands(McpClient client) {
        int start = document.indexOf("### " + client.title() + "\n");
        assertThat(start).isPositive();
        String section = document.substring(start, document.indexOf("\n##", start + 1));
        assertThat(section).contains("\n" + new ClientConfig(client, STDIO).snippet() + "```");
        if (client.supportsHttp()) {
            assertThat(section).contains("\n" + new ClientConfig(client, HTTP).snippet() + "```");
        }
    }

    @Test
    void theCommandLineNamesEveryClient() {
        for (McpClient client : McpClient.values()) {
            assertThat(document.substring(0, document.indexOf("## Profiles"))).contains(client.wireName());
        }
    }

    @Test
    void everyToolStandsInItsProfilesRow() {
        for (ToolProfile profile : ToolProfile.values()) {
            String row = document.lines()
                    .filter(line -> line.startsWith("| `" + profile.wireName() + "`"))
                    .findFirst()
                    .orElseThrow();
            boolean includesCore = profile == ToolProfile.WORKSPACE_FULL;
            String rows = includesCore
                    ? document.lines()
                            .filter(line -> line.startsWith("| `workspace-"))
                            .toList()
                            .toString()
                    : row;
            assertThat(ToolTable.tools(profile))
                    .extracting(Tool::name)
                    .allSatisfy(name -> assertThat(rows).contains("`" + name + "`"));
        }
    }
}
