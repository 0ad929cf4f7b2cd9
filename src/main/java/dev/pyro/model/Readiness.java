package dev.pyro.model;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** How to find out, from inside the machine, that a service is ready. Immutable. */
public sealed interface Readiness {
    /** It is ready when it still runs a moment after it was started. */
    Readiness NONE = new None();

    /** Returns the name of the kind that records and payloads carry. */
    String type();

    /** Returns what is looked at, as text, or null when nothing is. */
    @Nullable
    String target();

    /** Nothing is looked at. */
    record None() implements Readiness {
        @Override
        public String type() {
            return "none";
        }

        @Override
        public @Nullable String target() {
            return null;
        }
    }

    /**
     * A file exists.
     *
     * @param path a path in the machine; a relative one begins in {@code /workspace}
     */
    record FileExists(String path) implements Readiness {
        private static final int MAX_PATH_CHARS = 4096;

        /** Throws {@link ErrorCode#INVALID_ARGUMENT} when it is no path. */
        public FileExists {
            if (path.isEmpty() || path.length() > MAX_PATH_CHARS || path.indexOf('\0') >= 0) {
                throw invalid("ready_file", "a path of 1 to " + MAX_PATH_CHARS + " characters without NUL", path);
            }
        }

        @Override
        public String type() {
            return "file";
        }

        @Override
        public String target() {
            return path;
        }
    }

    /**
     * A port takes connections.
     *
     * @param address {@code HOST:PORT}, with an IPv4 address, an IPv6 address in brackets, or {@code localhost}
     */
    record TcpAccepts(String address) implements Readiness {
        /** Throws {@link ErrorCode#INVALID_ARGUMENT} when it is no address. */
        public TcpAccepts {
            int colon = address.lastIndexOf(':');
            if (colon < 0
                    || !GuestAddress.isHost(address.substring(0, colon))
                    || !GuestAddress.isPort(address.substring(colon + 1))) {
                throw invalid(
                        "ready_tcp",
                        "HOST:PORT as the machine sees it, with localhost, an IPv4 address or an IPv6 address in brackets,"
                                + " such as 127.0.0.1:8080",
                        address);
            }
        }

        @Override
        public String type() {
            return "tcp";
        }

        @Override
        public String target() {
            return address;
        }
    }

    /**
     * A GET is answered with a status from 200 to 399.
     *
     * @param url an {@code http} URL whose host is as in {@link TcpAccepts}
     */
    record HttpAnswers(String url) implements Readiness {
        private static final int MAX_URL_CHARS = 2048;

        /** Throws {@link ErrorCode#INVALID_ARGUMENT} when it is no such URL. */
        public HttpAnswers {
            if (url.regionMatches(true, 0, "https:", 0, "https:".length())) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "ready_http speaks no TLS: use ready_command with `curl -fsSk " + Arguments.printable(url)
                                + "` instead, or ready_tcp");
            }
            if (!isUrl(url)) {
                throw invalid(
                        "ready_http",
                        "an http:// URL as the machine sees it, with localhost, an IPv4 address or an IPv6 address in"
                                + " brackets, such as http://127.0.0.1:8080/health",
                        url);
            }
        }

        private static boolean isUrl(String url) {
            try {
                URI uri = new URI(url);
                return url.length() <= MAX_URL_CHARS
                        && "http".equals(uri.getScheme())
                        && uri.getHost() != null
                        && GuestAddress.isHost(uri.getHost())
                        && uri.getUserInfo() == null
                        && uri.getFragment() == null
                        && (uri.getPort() == -1 || GuestAddress.isPort(Integer.toString(uri.getPort())))
                        && url.chars().allMatch(c -> c > ' ' && c < 0x7f);
            } catch (URISyntaxException e) {
                return false;
            }
        }

        @Override
        public String type() {
            return "http";
        }

        @Override
        public String target() {
            return url;
        }
    }

    /**
     * A command succeeds.
     *
     * @param command a line for the guest's {@code /bin/sh}, run with the service's directory and variables
     */
    record CommandSucceeds(String command) implements Readiness {
        /** Throws {@link ErrorCode#INVALID_ARGUMENT} as for any command. */
        public CommandSucceeds {
            Arguments.command(command);
        }

        @Override
        public String type() {
            return "command";
        }

        @Override
        public String target() {
            return command;
        }
    }

    private static PyroException invalid(String name, String wanted, String given) {
        return new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                name + " must be " + wanted + ", not \"" + Arguments.printable(given) + "\"");
    }
}
