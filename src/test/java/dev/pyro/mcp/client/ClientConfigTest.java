package dev.pyro.mcp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.mcp.client.ClientConfig.Outcome;
import dev.pyro.mcp.client.ClientConfig.Scope;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientConfigTest {
    private static final ServerAccess STDIO = new ServerAccess.Stdio(
            "/home/you/pyro/pyro", List.of("mcp", "serve", "--profile", "workspace-full"), Map.of());
    private static final ServerAccess HTTP = new ServerAccess.Http("http://127.0.0.1:8080/mcp");

    @TempDir
    Path home;

    private UserFolders folders(Map<String, String> environment) {
        return new UserFolders(home, false, environment);
    }

    @ParameterizedTest
    @EnumSource(McpClient.class)
    void aFileIsMadeAddedToAndLeftAlone(McpClient client) throws IOException {
        Path file = client.userFile(folders(Map.of()));
        ClientConfig config = new ClientConfig(client, STDIO);
        assertThat(config.write(file, Scope.USER)).isEqualTo(Outcome.CREATED);
        assertThat(file).content().isEqualTo(config.snippet());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        var modified = Files.getLastModifiedTime(file);
        assertThat(config.write(file, Scope.USER)).isEqualTo(Outcome.UNCHANGED);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(modified);
        if (client.supportsHttp()) {
            ClientConfig other = new ClientConfig(client, HTTP);
            assertThat(other.write(file, Scope.USER)).isEqualTo(Outcome.UPDATED);
            assertThat(file)
                    .content()
                    .doesNotContain("/home/you")
                    .contains("http://127.0.0.1:8080/mcp", "PYRO_MCP_TOKEN");
            assertThat(config.write(file, Scope.USER)).isEqualTo(Outcome.UPDATED);
        }
        try (Stream<Path> siblings = Files.list(file.getParent())) {
            assertThat(siblings.filter(Files::isRegularFile)).containsExactly(file);
        }
    }

    @Test
    void filesLieWhereTheProgramsLook() {
        assertThat(McpClient.CLAUDE_CODE.userFile(folders(Map.of()))).isEqualTo(home.resolve(".claude.json"));
        assertThat(McpClient.CLAUDE_CODE.userFile(folders(Map.of("CLAUDE_CONFIG_DIR", "/c"))))
                .isEqualTo(Path.of("/c/.claude.json"));
        assertThat(McpClient.CODEX.userFile(folders(Map.of("CODEX_HOME", "/x"))))
                .isEqualTo(Path.of("/x/config.toml"));
        assertThat(McpClient.VSCODE.userFile(folders(Map.of("XDG_CONFIG_HOME", "/x"))))
                .isEqualTo(Path.of("/x/Code/User/mcp.json"));
        assertThat(McpClient.VSCODE.userFile(new UserFolders(home, true, Map.of())))
                .isEqualTo(home.resolve("Library/Application Support/Code/User/mcp.json"));
        assertThat(McpClient.CLAUDE_DESKTOP.userFile(folders(Map.of())))
                .isEqualTo(home.resolve(".config/Claude/claude_desktop_config.json"));
        assertThat(McpClient.CURSOR.projectFile(home)).contains(home.resolve(".cursor/mcp.json"));
        assertThat(McpClient.CLAUDE_DESKTOP.projectFile(home)).isEmpty();
    }

    @Test
    void openCodesFileWithCommentsCountsAndKeepsItsForm() throws IOException {
        Path folder = Files.createDirectories(home.resolve(".config/opencode"));
        Path file = folder.resolve("opencode.jsonc");
        Files.writeString(file, "{\n  // second version\n  \"mcp\": {\"servers\": {}},\n}\n");
        assertThat(McpClient.OPENCODE.userFile(folders(Map.of()))).isEqualTo(file);
        new ClientConfig(McpClient.OPENCODE, STDIO).write(file, Scope.USER);
        assertThat(file)
                .content()
                .contains("// second version", "{\"servers\": {\n      \"pyro\": {")
                .doesNotContain("enabled");

        Files.writeString(file, "{\"mcp\": {\"servers\": {\"type\": \"local\", \"command\": [\"x\"]}}}");
        new ClientConfig(McpClient.OPENCODE, STDIO).write(file, Scope.USER);
        assertThat(Json.parseObject(Files.readString(file))
                        .object("mcp")
                        .object("pyro")
                        .bool("enabled"))
                .isTrue();
    }

    @Test
    void aLinkStaysALinkAndPermissionsStay() throws IOException {
        Path dotfiles = Files.createDirectory(home.resolve("dotfiles"));
        Path real = Files.writeString(dotfiles.resolve("claude"), "{\"numStartups\": 7}");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(home.resolve(".claude.json"), Path.of("dotfiles/claude"));
        assertThat(new ClientConfig(McpClient.CLAUDE_CODE, STDIO).write(link, Scope.USER))
                .isEqualTo(Outcome.ADDED);
        assertThat(link).isSymbolicLink();
        JsonReader written = Json.parseObject(Files.readString(real));
        assertThat(written.number("numStartups")).isEqualTo(7);
        assertThat(written.object("mcpServers").object("pyro").string("type")).isEqualTo("stdio");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-r-----");

        Path dangling = Files.createSymbolicLink(home.resolve("cursor.json"), Path.of("dotfiles/new/cursor"));
        assertThat(new ClientConfig(McpClient.CURSOR, STDIO).write(dangling, Scope.USER))
                .isEqualTo(Outcome.CREATED);
        assertThat(dotfiles.resolve("new/cursor")).isRegularFile();
        assertThat(dangling).isSymbolicLink();
    }

    @Test
    void whatCannotBeUnderstoodIsNotTouched() throws IOException {
        List<byte[]> broken = List.of(
                "{\"a\": ".getBytes(StandardCharsets.UTF_8),
                "[]".getBytes(StandardCharsets.UTF_8),
                "{\"mcpServers\": 3}".getBytes(StandardCharsets.UTF_8),
                "{ // no comments here\n}".getBytes(StandardCharsets.UTF_8),
                new byte[] {'{', (byte) 0xff, '}'});
        Path file = home.resolve("claude_desktop_config.json");
        for (byte[] content : broken) {
            Files.write(file, content);
            assertRefused(McpClient.CLAUDE_DESKTOP, file);
            assertThat(file).binaryContent().isEqualTo(content);
        }
        Path toml = Files.writeString(home.resolve("config.toml"), "a = \n");
        assertRefused(McpClient.CODEX, toml);
        Path folder = Files.createDirectory(home.resolve("folder"));
        assertRefused(McpClient.CURSOR, folder);
        Path loop = Files.createSymbolicLink(home.resolve("loop"), Path.of("loop"));
        assertRefused(McpClient.CURSOR, loop);
        Path below = file.resolve("below/mcp.json");
        assertRefused(McpClient.CURSOR, below);
    }

    @Test
    void aFileThatIsTooLargeIsForAddingByHand() throws IOException {
        Path file = Files.writeString(home.resolve("mcp.json"), " ".repeat(ConfigFile.MAX_BYTES - 1));
        ClientConfig config = new ClientConfig(McpClient.CURSOR, STDIO);
        assertThat(config.write(file, Scope.USER)).isEqualTo(Outcome.ADDED);
        Files.writeString(file, " ".repeat(ConfigFile.MAX_BYTES + 1));
        assertThatThrownBy(() -> config.write(file, Scope.USER))
                .hasMessageContaining("larger than 8 MiB; add by hand what the command prints without --write");
    }

    private static void assertRefused(McpClient client, Path file) {
        assertThatThrownBy(() -> new ClientConfig(client, STDIO).write(file, Scope.USER))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLIENT_CONFIG_UNUSABLE))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("not touched");
    }

    @Test
    void aProjectsFileIsForEverybodyThatTheMaskAllows() throws IOException {
        Path file = McpClient.VSCODE.projectFile(home.resolve("project")).orElseThrow();
        assertThat(new ClientConfig(McpClient.VSCODE, STDIO).write(file, Scope.project(home)))
                .isEqualTo(Outcome.CREATED);
        Path other = Files.createFile(home.resolve("other"));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".cursor -> OUTSIDE",
                ".cursor -> OUTSIDE/missing",
                ".cursor -> ../outside",
                ".cursor/mcp.json -> OUTSIDE/mcp.json",
                ".cursor/mcp.json -> OUTSIDE/missing.json",
                ".cursor/mcp.json -> OUTSIDE/new/missing.json",
                ".cursor/mcp.json -> ../../outside/mcp.json",
                ".cursor/mcp.json -> missing/../../../outside/missing.json"
            })
    void noLinkLeadsOutOfAProject(String planted) throws IOException {
        Path project = Files.createDirectory(home.resolve("project"));
        Path outside = Files.createDirectory(home.resolve("outside"));
        Path victim = Files.writeString(outside.resolve("mcp.json"), "{}");
        String[] link = planted.replace("OUTSIDE", outside.toString()).split(" -> ");
        Path name = project.resolve(link[0]);
        Files.createDirectories(name.getParent());
        Files.createSymbolicLink(name, Path.of(link[1]));
        Path file = McpClient.CURSOR.projectFile(project).orElseThrow();

        assertThatThrownBy(() -> new ClientConfig(McpClient.CURSOR, STDIO).write(file, Scope.project(project)))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLIENT_CONFIG_UNUSABLE))
                .hasMessageContaining("no place in this project");

        assertThat(outside)
                .isDirectoryContaining(path -> path.equals(victim))
                .isDirectoryNotContaining("glob:**missing*");
        assertThat(outside.resolve("new")).doesNotExist();
        assertThat(victim).hasContent("{}");
        assertThat(name).isSymbolicLink();
    }

    @Test
    void aLinkWithinAProjectIsFollowed() throws IOException {
        Path project = Files.createDirectory(home.resolve("project"));
        Path link = Files.createSymbolicLink(project.resolve(".mcp.json"), Path.of("config/mcp.json"));
        Path alias = Files.createSymbolicLink(home.resolve("alias"), project);

        assertThat(new ClientConfig(McpClient.CLAUDE_CODE, STDIO)
                        .write(alias.resolve(".mcp.json"), Scope.project(alias)))
                .isEqualTo(Outcome.CREATED);

        assertThat(link).isSymbolicLink();
        assertThat(project.resolve("config/mcp.json")).isRegularFile();
    }

    @Test
    void variablesGoToTheServerAndOthersStay() throws IOException {
        ServerAccess access = new ServerAccess.Stdio("/pyro", List.of("mcp"), Map.of("PYRO_STATE_DIR", "/s"));
        Path file = Files.writeString(
                home.resolve("mcp.json"),
                "{\"mcpServers\": {\"pyro\": {\"command\": \"/pyro\", \"env\": {\"MINE\": \"1\"}}}}");
        new ClientConfig(McpClient.CURSOR, access).write(file, Scope.USER);
        assertThat(Json.parseObject(Files.readString(file))
                        .object("mcpServers")
                        .object("pyro")
                        .stringMap("env"))
                .isEqualTo(Map.of("PYRO_STATE_DIR", "/s", "MINE", "1"));
    }

    @Test
    void onlyUrlsOfTheWebAreTaken() {
        for (String url :
                List.of("ftp://x", "http://", "127.0.0.1:80", "http://a:b@c/", "http://x/ y", "http://x/#f")) {
            assertThatThrownBy(() -> new ServerAccess.Http(url))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                    .hasMessageNotContaining("a:b@");
        }
        assertThatThrownBy(() -> new ClientConfig(McpClient.CLAUDE_DESKTOP, HTTP))
                .hasMessageContaining("--url");
    }
}
