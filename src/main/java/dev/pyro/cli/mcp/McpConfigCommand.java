package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.Printable;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.client.ClientConfig;
import dev.pyro.mcp.client.ClientConfig.Outcome;
import dev.pyro.mcp.client.ClientConfig.Scope;
import dev.pyro.mcp.client.McpClient;
import dev.pyro.mcp.client.ServerAccess;
import dev.pyro.mcp.client.UserFolders;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro mcp config CLIENT}: what starts our server in an agent's program. */
final class McpConfigCommand implements CliCommand {
    /** Set by the launcher. */
    private static final String LAUNCHER = "PYRO_LAUNCHER";

    private static final String URL = "--url";
    private static final String WRITE = "--write";
    private static final String PROJECT = "--project";

    @Override
    public String name() {
        return "config";
    }

    @Override
    public String summary() {
        return "Print the configuration that starts the server in an agent's program, or write it.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "With --write, everything else in the file stays as it is, comments too. An",
                        "entry `pyro` that is there gets the new command; what you added to it stays.",
                        "",
                        "Examples:",
                        "  pyro mcp config claude-code",
                        "  pyro mcp config codex --write",
                        "  pyro mcp config vscode --project --write",
                        "  pyro mcp config cursor --url http://127.0.0.1:8417/mcp");
        spec.addPositional(Positionals.required(0, "CLIENT", "One of " + McpClient.names() + "."));
        spec.addOption(ProfileOption.spec("The tools that the server offers"));
        spec.addOption(CommonOptions.text(
                URL,
                "URL",
                "Connect to a server that runs there, with the token in " + ServerAccess.TOKEN_VARIABLE
                        + ", instead of starting one."));
        spec.addOption(CommonOptions.flag(WRITE, "Put it into the program's configuration file."));
        spec.addOption(CommonOptions.flag(PROJECT, "The file of the project in the current folder, not the user's."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        McpClient client = client(parsed);
        Path project = Path.of("").toAbsolutePath();
        Path file = file(parsed, client, project, context.environment());
        ClientConfig config = new ClientConfig(client, access(parsed, context.environment()));
        Scope scope = parsed.hasMatchedOption(PROJECT) ? Scope.project(project) : Scope.USER;
        @Nullable Outcome outcome = parsed.hasMatchedOption(WRITE) ? config.write(file, scope) : null;
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(payload(config, file, outcome));
        } else if (outcome == null) {
            context.terminal().outText(config.snippet());
            context.terminal()
                    .errLine(
                            "This belongs into " + Printable.line(file.toString()) + "; with --write it is put there.");
        } else {
            context.terminal().outLine(line(config, file, outcome));
        }
        return 0;
    }

    private static McpClient client(ParseResult parsed) {
        String name = parsed.matchedPositionalValue(0, "");
        return McpClient.find(name)
                .orElseThrow(() -> usage(
                        parsed,
                        "unknown client \"" + Arguments.printable(name) + "\"; the known ones are "
                                + McpClient.names()));
    }

    private static ServerAccess access(ParseResult parsed, Map<String, String> environment) {
        String url = parsed.matchedOptionValue(URL, (String) null);
        if (url != null) {
            if (parsed.hasMatchedOption(ProfileOption.NAME)) {
                throw usage(
                        parsed,
                        ProfileOption.NAME + " is the choice of the server behind " + URL + ", not of the client");
            }
            return new ServerAccess.Http(url);
        }
        ToolProfile profile = ProfileOption.of(parsed);
        return new ServerAccess.Stdio(
                launcher(environment),
                List.of("mcp", "serve", ProfileOption.NAME, profile.wireName()),
                PassedSettings.of(environment));
    }

    private static String launcher(Map<String, String> environment) {
        String launcher = environment.getOrDefault(LAUNCHER, "");
        if (launcher.isEmpty()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "cannot tell which program a client is to start: run this through the launcher `pyro`, or set "
                            + LAUNCHER + " to its path");
        }
        return Path.of(launcher).toAbsolutePath().normalize().toString();
    }

    private static Path file(ParseResult parsed, McpClient client, Path project, Map<String, String> environment) {
        if (!parsed.hasMatchedOption(PROJECT)) {
            return client.userFile(UserFolders.of(environment));
        }
        return client.projectFile(project)
                .orElseThrow(() -> usage(parsed, client.title() + " has no configuration file in a project"));
    }

    private static JsonObject payload(ClientConfig config, Path file, @Nullable Outcome outcome) {
        JsonValue.Builder payload = JsonObject.builder()
                .put("client", config.client().wireName())
                .put("server_name", ClientConfig.SERVER_NAME)
                .put("config_path", file.toString())
                .put("snippet", config.snippet())
                .put("outcome", outcome == null ? "printed" : outcome.name().toLowerCase(Locale.ROOT));
        switch (config.access()) {
            case ServerAccess.Stdio stdio ->
                payload.put("transport", "stdio")
                        .put("command", stdio.command())
                        .put("args", JsonValue.JsonArray.ofStrings(stdio.arguments()));
            case ServerAccess.Http(String url) ->
                payload.put("transport", "http").put("url", url);
        }
        return payload.build();
    }

    private static String line(ClientConfig config, Path file, Outcome outcome) {
        String server = "the server `" + ClientConfig.SERVER_NAME + "`";
        String path = Printable.line(file.toString());
        String done = switch (outcome) {
            case CREATED -> "Created " + path + " with " + server + ".";
            case ADDED -> "Added " + server + " to " + path + ".";
            case UPDATED -> "Replaced " + server + " in " + path + ", which was a different one.";
            case UNCHANGED -> "Nothing to do: " + path + " has " + server + " already.";
        };
        return outcome == Outcome.UNCHANGED
                ? done
                : done + " Restart " + config.client().title() + " to use it.";
    }

    private static ParameterException usage(ParseResult parsed, String message) {
        return new ParameterException(parsed.commandSpec().commandLine(), message);
    }
}
