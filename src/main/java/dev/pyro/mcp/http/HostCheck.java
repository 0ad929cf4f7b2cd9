package dev.pyro.mcp.http;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages out that reach this server through a browser. A page can make a browser send requests here under a name that it
 * lets point here (DNS rebinding): only requests for names and addresses that are ours are answered, and from no other origin. Immutable.
 */
final class HostCheck {
    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?");
    private static final Pattern ORIGIN = Pattern.compile("(https?)://(.+)");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int ANY_PORT = -1;

    /** A host as headers name it. */
    record Authority(String host, int port) {
        static @Nullable Authority parse(String text, int defaultPort) {
            Matcher authority = AUTHORITY.matcher(text);
            if (!authority.matches()) {
                return null;
            }
            String port = authority.group(2);
            return new Authority(
                    authority.group(1).toLowerCase(Locale.ROOT), port == null ? defaultPort : Integer.parseInt(port));
        }
    }

    private final List<Authority> allowed;

    /** @param allowed names that are ours besides loopback's and the addresses on which requests arrive; without a port, on any */
    HostCheck(List<String> allowed) {
        this.allowed = allowed.stream().map(HostCheck::requireAuthority).toList();
    }

    /** Returns the name and port, if any, that a user allowed. */
    static Authority requireAuthority(String text) {
        Authority authority = Authority.parse(text, ANY_PORT);
        if (authority == null) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "an allowed host must be NAME or NAME:PORT, not \"" + Arguments.printable(text) + "\"");
        }
        return authority;
    }

    /**
     * Tells whether a request is for us.
     *
     * @param headers the values of its {@code Host} headers
     * @param local where it arrived
     */
    boolean isOurs(List<String> headers, InetSocketAddress local) {
        return headers.size() == 1 && isOurs(Authority.parse(headers.getFirst(), HTTP_PORT), local);
    }

    /**
     * Tells whether a request comes from no web page, or from one of our own.
     *
     * @param headers the values of its {@code Origin} headers
     * @param local where it arrived
     */
    boolean isOwnOrigin(List<String> headers, InetSocketAddress local) {
        if (headers.isEmpty()) {
            return true;
        }
        Matcher origin = ORIGIN.matcher(headers.getFirst());
        return headers.size() == 1
                && origin.matches()
                && isOurs(
                        Authority.parse(origin.group(2), origin.group(1).equals("http") ? HTTP_PORT : HTTPS_PORT),
                        local);
    }

    private boolean isOurs(@Nullable Authority asked, InetSocketAddress local) {
        if (asked == null) {
            return false;
        }
        if (asked.port() == local.getPort()
                && (LOOPBACK.contains(asked.host()) || isAddress(asked.host(), local.getAddress()))) {
            return true;
        }
        return allowed.stream()
                .anyMatch(name ->
                        name.host().equals(asked.host()) && (name.port() == ANY_PORT || name.port() == asked.port()));
    }

    /** An address in digits cannot be made to point elsewhere. */
    private static boolean isAddress(String host, InetAddress address) {
        try {
            return InetAddress.ofLiteral(host).equals(address);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
