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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/mcp.md} shows what {@code pyro mcp config} prints, to the letter. */
class McpDocumentTest {
    private static final ServerAccess STDIO = new ServerAccess.Stdio(
            "/home/you/pyro/pyro", List.of("mcp", "serve", "--profile", "workspace-full"), Map.of());
    private static final ServerAccess HTTP = new ServerAccess.Http("http://127.0.0.1:8417/mcp");

    private static final Pattern TOOL = Pattern.compile("`([a-z_]+)`");

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
    void theRowOfEachProfileNamesItsTools() {
        Set<String> core = named("| `workspace-core`");
        assertThat(named("| `vm-run`")).isEqualTo(offered(ToolProfile.VM_RUN));
        assertThat(core).isEqualTo(offered(ToolProfile.WORKSPACE_CORE));
        Set<String> full = named("| `workspace-full`");
        assertThat(full).doesNotContainAnyElementsOf(List.of("vm_run", "workspace_list"));
        full.addAll(core);
        assertThat(full).isEqualTo(offered(ToolProfile.WORKSPACE_FULL));
    }

    private Set<String> named(String row) {
        String tools = document.lines()
                .filter(line -> line.startsWith(row))
                .map(line -> line.substring(row.length()))
                .findFirst()
                .orElseThrow();
        return TOOL.matcher(tools)
                .results()
                .map((MatchResult tool) -> tool.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> offered(ToolProfile profile) {
        return ToolTable.tools(profile).stream().map(Tool::name).collect(Collectors.toCollection(TreeSet::new));
    }
}
