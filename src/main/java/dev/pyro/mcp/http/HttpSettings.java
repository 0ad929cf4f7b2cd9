package dev.pyro.mcp.http;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the server listens and whom it answers.
 *
 * @param address the address of this host
 * @param port the port; 0 for any free one
 * @param allowedHosts further names ({@code NAME} or {@code NAME:PORT}) under which clients may reach the server, such as a proxy's
 * @param token what clients must show
 */
public record HttpSettings(InetAddress address, int port, List<String> allowedHosts, BearerToken token) {
    public static final String DEFAULT_HOST = "127.0.0.1";

    public static final int DEFAULT_PORT = 8417;

    private static final int MAX_PORT = 65_535;

    public HttpSettings {
        if (port < 0 || port > MAX_PORT) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "port must be between 0 and " + MAX_PORT + ", not " + port);
        }
        allowedHosts = List.copyOf(allowedHosts);
        allowedHosts.forEach(HostCheck::requireAuthority);
    }

    /**
     * Returns the address that a name or a literal stands for on this host.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when it stands for none
     */
    public static InetAddress resolve(String host) {
        try {
            if (!host.isBlank()) {
                return InetAddress.getByName(host);
            }
        } catch (UnknownHostException e) {
            throw unusable(host, e);
        }
        throw unusable(host, null);
    }

    private static PyroException unusable(String host, @Nullable Throwable cause) {
        return new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                "host must be an address or a name of this host, such as " + DEFAULT_HOST + ", not \""
                        + Arguments.printable(host) + "\"",
                cause);
    }
}
