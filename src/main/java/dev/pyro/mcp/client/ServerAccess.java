package dev.pyro.mcp.client;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;

/** How a client gets at our server. */
public sealed interface ServerAccess {
    /** The variable that holds the bearer token, for the client and for the server. */
    String TOKEN_VARIABLE = "PYRO_MCP_TOKEN";

    /**
     * The client starts the server and talks to its standard input and output.
     *
     * @param command the absolute path of the program {@code pyro}
     * @param arguments what follows it
     * @param environment variables that the server needs and a client may not pass on
     */
    record Stdio(String command, List<String> arguments, Map<String, String> environment) implements ServerAccess {
        public Stdio {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * The client connects to a server that runs.
     *
     * @param url where it listens
     */
    record Http(String url) implements ServerAccess {
        public Http {
            check(url);
        }

        private static void check(String url) {
            try {
                URI uri = new URI(url);
                boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
                if (http && uri.getHost() != null && uri.getUserInfo() == null && uri.getFragment() == null) {
                    return;
                }
            } catch (URISyntaxException e) {
                // The message below says it all.
            }
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the URL must be one such as http://127.0.0.1:8080/mcp, without a user's name, not \""
                            + Arguments.printableAddress(url) + "\"");
        }
    }
}
