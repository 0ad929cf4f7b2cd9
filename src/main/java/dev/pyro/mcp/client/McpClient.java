package dev.pyro.mcp.client;

import dev.pyro.json.JsonEdit;
import dev.pyro.json.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The clients whose configuration we know. Each one's form and files are those that its own documentation gives. */
public enum McpClient {
    /**
     * {@code mcpServers} in {@code ~/.claude.json}, strict JSON, or in a project's {@code .mcp.json}; <a
     * href="https://code.claude.com/docs/en/mcp">Connect Claude Code to tools via MCP</a>. {@code CLAUDE_CONFIG_DIR} moves the user's file.
     */
    CLAUDE_CODE("claude-code", "Claude Code", Syntax.JSON, ".mcp.json") {
        @Override
        Path defaultFile(UserFolders folders) {
            return folders.folder("CLAUDE_CONFIG_DIR", folders.home()).resolve(".claude.json");
        }

        @Override
        JsonEdit entry(ServerAccess access, List<String> path) {
            return ClientEntry.usual(access, true, true, "${" + ServerAccess.TOKEN_VARIABLE + "}");
        }
    },

    /**
     * {@code mcpServers} in {@code claude_desktop_config.json}, strict JSON; <a
     * href="https://modelcontextprotocol.io/docs/develop/connect-local-servers">Connect to local MCP servers</a>. Servers reached by a URL
     * are added in its settings, not in this file.
     */
    CLAUDE_DESKTOP("claude-desktop", "Claude Desktop", Syntax.JSON, null) {
        @Override
        public boolean supportsHttp() {
            return false;
        }

        @Override
        Path defaultFile(UserFolders folders) {
            return folders.desktopConfig().resolve("Claude/claude_desktop_config.json");
        }

        @Override
        JsonEdit entry(ServerAccess access, List<String> path) {
            return ClientEntry.usual(access, false, false, "");
        }
    },

    /**
     * {@code [mcp_servers.NAME]} in {@code ~/.codex/config.toml}, or in a trusted project's {@code .codex/config.toml}; <a
     * href="https://developers.openai.com/codex/mcp">Model Context Protocol</a>. {@code CODEX_HOME} moves the user's file.
     */
    CODEX("codex", "Codex", Syntax.TOML, ".codex/config.toml") {
        @Override
        Path defaultFile(UserFolders folders) {
            return folders.folder("CODEX_HOME", folders.home().resolve(".codex"))
                    .resolve("config.toml");
        }

        @Override
        JsonEdit entry(ServerAccess access, List<String> path) {
            return ClientEntry.codex(access);
        }

        @Override
        List<String> servers(@Nullable JsonText document) {
            return List.of("mcp_servers");
        }
    },

    /**
     * {@code mcp} in {@code opencode.json} or {@code opencode.jsonc}, with comments; <a
     * href="https://opencode.ai/docs/mcp-servers/">MCP servers</a>. Version 2 has {@code mcp.servers} and reads the older form too; a file
     * keeps the form that it has.
     */
    OPENCODE("opencode", "OpenCode", Syntax.JSON_WITH_COMMENTS, "opencode.json") {
        @Override
        Path defaultFile(UserFolders folders) {
            return folders.xdgConfig().resolve("opencode/opencode.json");
        }

        @Override
        JsonEdit entry(ServerAccess access, List<String> path) {
            return ClientEntry.openCode(access, path.size() > 1);
        }

        @Override
        List<String> servers(@Nullable JsonText document) {
            List<String> nested = List.of("mcp", "servers");
            boolean isServer = document != null && document.has(List.of("mcp", "servers", "type"));
            return document != null && document.hasObject(nested) && !isServer ? nested : List.of("mcp");
        }
    },

    /**
     * {@code mcpServers} in {@code ~/.cursor/mcp.json} or a project's {@code .cursor/mcp.json}; <a
     * href="https://cursor.com/docs/mcp">Model Context Protocol</a>.
     */
    CURSOR("cursor", "Cursor", Syntax.JSON_WITH_COMMENTS, ".cursor/mcp.json") {
        @Override
        Path defaultFile(UserFolders folders) {
            return folders.home().resolve(".cursor/mcp.json");
        }

        @Override
        JsonEdit entry(ServerAccess access, List<String> path) {
            return ClientEntry.usual(access, true, false, "${env:" + ServerAccess.TOKEN_VARIABLE + "}");
        }
    },

    /**
     * {@code servers} in {@code mcp.json} of the user's profile or in a workspace's {@code .vscode/mcp.json}, with comments; <a
     * href="https://code.visualstudio.com/docs/agents/reference/mcp-configuration">MCP configuration reference</a>.
     */
    VSCODE("vscode", "VS Code", Syntax.JSON_WITH_COMMENTS, ".vscode/mcp.json") {
        @Override
        Path defaultFile(UserFolders folders) {
            return folders.desktopConfig().resolve("Code/User/mcp.json");
        }

        @Override
        JsonEdit entry(ServerAccess access, List<String> path) {
            return ClientEntry.usual(access, true, true, "${env:" + ServerAccess.TOKEN_VARIABLE + "}");
        }

        @Override
        List<String> servers(@Nullable JsonText document) {
            return List.of("servers");
        }
    };

    /** How a client's file is written. */
    enum Syntax {
        JSON,
        JSON_WITH_COMMENTS,
        TOML
    }

    private final String wireName;
    private final String title;
    private final Syntax syntax;
    private final @Nullable String projectFile;

    McpClient(String wireName, String title, Syntax syntax, @Nullable String projectFile) {
        this.wireName = wireName;
        this.title = title;
        this.syntax = syntax;
        this.projectFile = projectFile;
    }

    /** Returns the client of this name. */
    public static Optional<McpClient> find(String wireName) {
        return Arrays.stream(values())
                .filter(client -> client.wireName.equals(wireName))
                .findFirst();
    }

    /** Returns all names, for people. */
    public static String names() {
        return Arrays.stream(values()).map(McpClient::wireName).collect(Collectors.joining("`, `", "`", "`"));
    }

    /** Returns the name on the command line. */
    public String wireName() {
        return wireName;
    }

    /** Returns the name that its maker gives it. */
    public String title() {
        return title;
    }

    /** Tells whether its file can name a server that is reached by a URL. */
    public boolean supportsHttp() {
        return true;
    }

    /** Returns the file of a user. */
    public Path userFile(UserFolders folders) {
        return preferred(defaultFile(folders));
    }

    /** Returns the file of a project, or empty when the client has none. */
    public Optional<Path> projectFile(Path project) {
        return Optional.ofNullable(projectFile).map(name -> preferred(project.resolve(name)));
    }

    Syntax syntax() {
        return syntax;
    }

    /** Returns where in a document the servers stand. */
    List<String> servers(@Nullable JsonText document) {
        return List.of("mcpServers");
    }

    abstract Path defaultFile(UserFolders folders);

    /** Returns our server's entry at {@code path}, the place of the servers. */
    abstract JsonEdit entry(ServerAccess access, List<String> path);

    /** A file whose name says that it has comments counts more than the one without. */
    private Path preferred(Path file) {
        Path withComments = file.resolveSibling(file.getFileName() + "c");
        return this == OPENCODE && Files.exists(withComments) ? withComments : file;
    }
}
