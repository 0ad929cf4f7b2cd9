package dev.pyro.mcp.client;

import dev.pyro.json.JsonEdit;
import dev.pyro.json.JsonEdit.Result;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonText;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Our server in a client's configuration.
 *
 * @param client whose
 * @param access how the client is to get at the server
 */
public record ClientConfig(McpClient client, ServerAccess access) {
    /** What the server is called in every configuration. */
    public static final String SERVER_NAME = "pyro";

    /** @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the client cannot get at a server in that way */
    public ClientConfig {
        if (access instanceof ServerAccess.Http && !client.supportsHttp()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    client.title()
                            + "'s configuration file knows no servers with a URL; leave --url away, so that it starts"
                            + " the server itself");
        }
    }

    /**
     * Whose file it is.
     *
     * @param project the folder of the project, which others work on too, and out of which no link may lead; null for the user's own
     *     file, of which a new one is for nobody else to read
     */
    public record Scope(@Nullable Path project) {
        public static final Scope USER = new Scope(null);

        public static Scope project(Path folder) {
            return new Scope(folder);
        }
    }

    /** What was done to a file. */
    public enum Outcome {
        /** There was no such file. */
        CREATED,
        /** The server is new in it. */
        ADDED,
        /** The server was in it, and was different. */
        UPDATED,
        /** The server was in it just so; the file was not touched. */
        UNCHANGED
    }

    /** Returns a whole configuration with nothing but our server in it. */
    public String snippet() {
        return edit("").text();
    }

    /**
     * Puts the server into a file and keeps everything else in it: other servers, members that nobody here knows, comments, and what
     * the server's own entry has besides what is set.
     *
     * @throws PyroException {@link ErrorCode#CLIENT_CONFIG_UNUSABLE}, with the file unchanged
     */
    public Outcome write(Path path, Scope scope) {
        ConfigFile file = ConfigFile.of(path, scope.project());
        @Nullable String before = file.text();
        Result result;
        try {
            result = edit(before == null ? "" : before);
        } catch (ConfigFormatException | JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.CLIENT_CONFIG_UNUSABLE,
                    "cannot add the server to " + path + ": " + e.getMessage()
                            + "; the file was not touched: mend it, or add by hand what the command prints without --write",
                    e);
        }
        if (result.outcome() == JsonEdit.Outcome.UNCHANGED) {
            return Outcome.UNCHANGED;
        }
        file.replace(result.text(), scope.project() == null);
        return before == null
                ? Outcome.CREATED
                : result.outcome() == JsonEdit.Outcome.ADDED ? Outcome.ADDED : Outcome.UPDATED;
    }

    private Result edit(String text) {
        if (client.syntax() == McpClient.Syntax.TOML) {
            List<String> servers = client.servers(null);
            return new TomlText(text).edit(path(servers), client.entry(access, servers));
        }
        JsonText document = new JsonText(text, client.syntax() == McpClient.Syntax.JSON_WITH_COMMENTS);
        List<String> servers = client.servers(document);
        return document.edit(path(servers), client.entry(access, servers));
    }

    private static List<String> path(List<String> servers) {
        List<String> path = new ArrayList<>(servers);
        path.add(SERVER_NAME);
        return path;
    }
}
