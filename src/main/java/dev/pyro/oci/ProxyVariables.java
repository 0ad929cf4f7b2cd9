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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} call for, in capitals or not. This machine itself is never asked
 * through a proxy. Immutable.
 */
final class ProxyVariables extends ProxySelector {
    private static final int DEFAULT_PORT = 80;

    private final @Nullable Proxy https;
    private final @Nullable Proxy http;
    private final List<String> exceptions;

    /**
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when one of them is no proxy that can be used
     */
    ProxyVariables(Map<String, String> environment) {
        this.https = proxy(environment, "HTTPS_PROXY");
        this.http = proxy(environment, "HTTP_PROXY");
        this.exceptions = List.of(
                value(environment, "NO_PROXY").toLowerCase(Locale.ROOT).strip().split("[,\\s]+"));
    }

    @Override
    public List<Proxy> select(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        Proxy proxy = "https".equalsIgnoreCase(uri.getScheme()) ? https : http;
        boolean direct = proxy == null || Loopback.is(host) || isException(host, uri);
        return List.of(direct ? Proxy.NO_PROXY : proxy);
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

    private static @Nullable Proxy proxy(Map<String, String> environment, String name) {
        String text = value(environment, name).strip();
        if (text.isEmpty()) {
            return null;
        }
        try {
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            if (uri.getRawUserInfo() == null && uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme())) {
                int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
                return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port));
            }
        } catch (URISyntaxException e) {
            // The message below says it all.
        }
        // It may hold a password.
        String shown = Pattern.compile("//[^/@]*@").matcher(text).replaceAll("//***@");
        throw new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                "the proxy in " + name + " must be http://HOST:PORT without a user's name, not \""
                        + Arguments.printable(shown)
                        + "\"; a proxy that asks for more needs a local one in front of it");
    }
}
