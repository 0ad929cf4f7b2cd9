package dev.pyro.oci;

import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One repository at one place that speaks the protocol of registries.
 *
 * @param host {@code HOST[:PORT]} that is connected to
 * @param credentialHost whose credentials it is asked with
 * @param repository the repository's name there
 * @param plain true without TLS, false with, null when that has to be found out
 * @param mirror whether it is a mirror of the registry that is meant
 * @param plainHosts further hosts, each {@code HOST[:PORT]}, to which one may go without TLS
 */
record Endpoint(
        String host,
        String credentialHost,
        String repository,
        @Nullable Boolean plain,
        boolean mirror,
        Set<String> plainHosts) {
    private static final String DOCKER_HUB_API = "registry-1.docker.io";

    static Endpoint origin(RegistryReference reference, RegistrySettings settings) {
        String host = reference.host().equals(RegistryReference.DOCKER_HUB) ? DOCKER_HUB_API : reference.host();
        @Nullable Boolean plain = null;
        if (settings.plainHosts().contains(reference.host())) {
            plain = true;
        } else if (!Loopback.is(host)) {
            plain = false;
        }
        return new Endpoint(host, reference.host(), reference.repository(), plain, false, settings.plainHosts());
    }

    static Endpoint of(Mirror mirror, RegistryReference reference, RegistrySettings settings) {
        return new Endpoint(
                mirror.host(),
                mirror.host(),
                mirror.prefix() + reference.repository(),
                mirror.plain(),
                true,
                settings.plainHosts());
    }

    Endpoint withPlain(boolean found) {
        return new Endpoint(host, credentialHost, repository, found, mirror, plainHosts);
    }

    boolean isPlain() {
        return Boolean.TRUE.equals(plain);
    }

    /** Returns the address of something in the repository. */
    URI uri(String rest) {
        return base().resolve("/v2/" + repository + "/" + rest);
    }

    URI base() {
        return URI.create((isPlain() ? "http" : "https") + "://" + host + "/");
    }

    /** Tells whether an address has this place's host and port. */
    boolean hosts(URI uri) {
        return hostAndPort(uri).equals(hostAndPort(base()));
    }

    /**
     * Tells whether one may go where this place points: for a token, by a redirect, or with a blob. Credentials and content would be open to everybody on
     * the way where there is no TLS: that is for this machine, the hosts that were named, and this place itself when it has none either.
     *
     * @param from who was asked; from where there is TLS, nothing goes on without
     */
    boolean mayLeadTo(URI target, URI from) {
        if (target.getHost() == null || target.getRawUserInfo() != null) {
            return false;
        }
        if ("https".equalsIgnoreCase(target.getScheme())) {
            return true;
        }
        return "http".equalsIgnoreCase(target.getScheme())
                && "http".equalsIgnoreCase(from.getScheme())
                && (Loopback.is(target.getHost()) || isNamedPlain(target) || (isPlain() && hosts(target)));
    }

    private boolean isNamedPlain(URI target) {
        return plainHosts.stream()
                .anyMatch(named ->
                        hostAndPort(URI.create("http://" + named + "/")).equals(hostAndPort(target)));
    }

    /** Returns host and port of an address, the scheme's own port too. */
    static String hostAndPort(URI uri) {
        int port = uri.getPort();
        if (port < 0) {
            port = "http".equalsIgnoreCase(uri.getScheme()) ? 80 : 443;
        }
        return String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }
}
