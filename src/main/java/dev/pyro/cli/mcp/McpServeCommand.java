package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.Terminal;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.Toolbox;
import dev.pyro.mcp.client.ServerAccess;
import dev.pyro.mcp.http.HttpSettings;
import dev.pyro.mcp.server.StdioServer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro mcp serve}: the MCP server. */
final class McpServeCommand implements CliCommand {
    private static final String TRANSPORT = "--transport";
    private static final String HOST = "--host";
    private static final String PORT = "--port";
    private static final String TOKEN_FILE = "--token-file";
    private static final String ALLOWED_HOST = "--allowed-host";
    private static final List<String> OF_HTTP = List.of(HOST, PORT, TOKEN_FILE, ALLOWED_HOST);
    private static final String STDIO = "stdio";
    private static final String HTTP = "http";
    private static final Path STDIN = Path.of("/proc/self/fd/0");

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String summary() {
        return "Serve Pyro's tools to MCP clients, over standard input and output or HTTP.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Over standard input and output it is clients that start this: `pyro mcp config`",
                        "prints what to tell them. It ends when its input does.",
                        "",
                        "Examples:",
                        "  pyro mcp serve",
                        "  pyro mcp serve --profile vm-run",
                        "  pyro mcp serve --transport http --port 8417");
        spec.addOption(ProfileOption.spec("Which tools"));
        spec.addOption(
                CommonOptions.text(
                        TRANSPORT,
                        "TRANSPORT",
                        "`stdio`: one client, over standard input and output; `http`: several, over streamable HTTP (default: stdio)."));
        spec.addOption(CommonOptions.text(
                HOST,
                "ADDRESS",
                "http: the address to listen on (default: 127.0.0.1); any but loopback needs a token of your own."));
        spec.addOption(CommonOptions.number(
                PORT, HttpSettings.DEFAULT_PORT, "http: the port to listen on; 0 for any free one"));
        spec.addOption(CommonOptions.text(
                TOKEN_FILE,
                "FILE",
                "http: the file, readable by nobody else, with the token that clients must show (default: the variable"
                        + " " + ServerAccess.TOKEN_VARIABLE + ", or a new one, printed on standard error)."));
        spec.addOption(CommonOptions.repeatable(
                ALLOWED_HOST,
                "NAME[:PORT]",
                "http: a further name of the server in requests, such as a proxy's; may be given several times."));
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ToolProfile profile = ProfileOption.of(parsed);
        boolean http = isHttp(parsed);
        Toolbox toolbox = new Toolbox(context.pyro().get(), profile);
        String version = Objects.requireNonNullElse(
                McpServeCommand.class.getPackage().getImplementationVersion(), "development");
        if (http) {
            new HttpServe(
                            parsed.matchedOptionValue(HOST, HttpSettings.DEFAULT_HOST),
                            parsed.matchedOptionValue(PORT, HttpSettings.DEFAULT_PORT),
                            parsed.matchedOptionValue(TOKEN_FILE, (String) null),
                            List.of(parsed.matchedOptionValue(ALLOWED_HOST, new String[0])))
                    .run(toolbox, version, context);
            return 0;
        }
        if (context.terminal().errIsTerminal() && Terminal.leadsToTerminal(STDIN)) {
            // Who types this sees a program that seems to hang.
            context.terminal().errLine("[mcp-serve] transport=stdio profile=" + profile.wireName());
            context.terminal()
                    .errLine("This waits for an MCP client on standard input; Ctrl-D ends it."
                            + " `pyro mcp config --help` tells how to set one up.");
        }
        OutputStream output = Channels.newOutputStream(context.terminal().out());
        // Standard output belongs to the protocol; whatever a library prints goes where logs go.
        System.setOut(System.err);
        try {
            new StdioServer(toolbox, version).serve(context.input(), output);
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "the server was interrupted", e);
        }
    }

    private boolean isHttp(ParseResult parsed) {
        String transport = parsed.matchedOptionValue(TRANSPORT, STDIO);
        if (transport.equals(HTTP)) {
            return true;
        }
        CommandLine line = parsed.commandSpec().commandLine();
        if (!transport.equals(STDIO)) {
            throw new ParameterException(line, TRANSPORT + " must be " + STDIO + " or " + HTTP);
        }
        OF_HTTP.stream().filter(parsed::hasMatchedOption).findFirst().ifPresent(option -> {
            throw new ParameterException(line, option + " goes with " + TRANSPORT + " " + HTTP + " only");
        });
        return false;
    }
}
