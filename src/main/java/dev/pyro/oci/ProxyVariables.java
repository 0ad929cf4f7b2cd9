package dev.pyro.oci;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The proxies that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} call for, in capitals or not. This machine itself is never asked
 * through a proxy. Immutable.
 */
final class ProxyVariables extends ProxySelector {
    private static final int DEFAULT_PORT = 80;

    private final Choice https;
    private final Choice http;
    private final List<String> exceptions;

    ProxyVariables(Map<String, String> environment) {
        this.https = choice(environment, "HTTPS_PROXY");
        this.http = choice(environment, "HTTP_PROXY");
        this.exceptions = List.of(
                value(environment, "NO_PROXY").toLowerCase(Locale.ROOT).strip().split("[,\\s]+"));
    }

    /**
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the one that it calls for cannot be used
     */
    @Override
    public List<Proxy> select(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        if (Loopback.is(host) || isException(host, uri)) {
            return List.of(Proxy.NO_PROXY);
        }
        return List.of(("https".equalsIgnoreCase(uri.getScheme()) ? https : http).proxy());
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {
        // Whoever asked is told.
    }

    private boolean isException(String host, URI uri) {
        for (String exception : exceptions) {
            String name = exception.replaceFirst("^\\*?\\.", "");
            boolean named = host.equals(name)
                    || host.endsWith("." + name)
                    || Endpoint.hostAndPort(uri).equals(name);
            if (exception.equals("*") || (!name.isEmpty() && named)) {
                return true;
            }
        }
        return false;
    }

    private static String value(Map<String, String> environment, String name) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : value;
    }

    private static Choice choice(Map<String, String> environment, String name) {
        String text = value(environment, name).strip();
        if (text.isEmpty()) {
            return new Choice.Usable(Proxy.NO_PROXY);
        }
        try {
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            // Somebody's password may look like a port and a path.
            boolean plain = text.indexOf('@') < 0 && "http".equalsIgnoreCase(uri.getScheme());
            if (plain && uri.getHost() != null) {
                int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
                return new Choice.Usable(
                        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port)));
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // The problem says it all; a port may be too large.
        }
        return new Choice.Unusable("the proxy in " + name + " must be http://HOST:PORT without a user's name, not \""
                + Arguments.printableAddress(text)
                + "\"; a proxy that asks for more needs a local one in front of it");
    }

    /** What a variable says. What is wrong with it counts only where that proxy would be asked. */
    private sealed interface Choice {
        Proxy proxy();

        record Usable(Proxy proxy) implements Choice {}

        record Unusable(String problem) implements Choice {
            @Override
            public Proxy proxy() {
                throw new PyroException(ErrorCode.INVALID_ARGUMENT, problem);
            }
        }
    }
}
