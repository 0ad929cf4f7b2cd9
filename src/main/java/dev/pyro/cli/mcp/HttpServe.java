package dev.pyro.cli.mcp;

import dev.pyro.cli.command.CliContext;
import dev.pyro.mcp.Toolbox;
import dev.pyro.mcp.client.ServerAccess;
import dev.pyro.mcp.http.BearerToken;
import dev.pyro.mcp.http.HttpServer;
import dev.pyro.mcp.http.HttpSettings;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serves over HTTP until the process is told to end. A class of its own, so that nothing of the HTTP server is loaded for anything else.
 *
 * @param host where to listen
 * @param port the port there; 0 for any free one
 * @param tokenFile a file that holds the token
 * @param allowedHosts further names of the server
 */
record HttpServe(String host, int port, @Nullable String tokenFile, List<String> allowedHosts) {
    /** Serves until SIGTERM or Ctrl-C, which also ends the process. */
    void run(Toolbox toolbox, String version, CliContext context) {
        InetAddress address = HttpSettings.resolve(host);
        BearerToken given = givenToken(context);
        if (given == null && !address.isLoopbackAddress()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    host + " can be reached from other hosts: give a token of your own, by --token-file or in "
                            + ServerAccess.TOKEN_VARIABLE + ", or listen on " + HttpSettings.DEFAULT_HOST);
        }
        BearerToken token = given == null ? BearerToken.generate() : given;
        try (HttpServer server =
                new HttpServer(toolbox, version, new HttpSettings(address, port, allowedHosts, token))) {
            server.start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "http-stop"));
            if (given == null) {
                context.terminal().errLine("[mcp-serve] token=" + token.reveal());
            }
            context.terminal().errLine("[mcp-serve] transport=http url=" + server.url());
            server.awaitClose();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "the server was interrupted", e);
        }
    }

    private @Nullable BearerToken givenToken(CliContext context) {
        if (tokenFile != null) {
            return BearerToken.ofFile(Path.of(tokenFile));
        }
        String variable = context.environment().get(ServerAccess.TOKEN_VARIABLE);
        return variable == null ? null : BearerToken.of(ServerAccess.TOKEN_VARIABLE, variable);
    }
}
