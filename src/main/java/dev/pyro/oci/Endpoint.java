package dev.pyro.oci;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One repository at one place that speaks the protocol of registries.
 *
 * @param host {@code HOST[:PORT]} that is connected to
 * @param credentialHost whose credentials it is asked with
 * @param repository the repository's name there
 * @param plain true without TLS, false with, null when that has to be found out
 * @param mirror whether it is a mirror of the registry that is meant
 */
record Endpoint(
        String host,
        String credentialHost,
        String repository,
        @Nullable Boolean plain,
        boolean mirror) {
    private static final String DOCKER_HUB_API = "registry-1.docker.io";

    static Endpoint origin(RegistryReference reference, RegistrySettings settings) {
        String host = reference.host().equals(RegistryReference.DOCKER_HUB) ? DOCKER_HUB_API : reference.host();
        @Nullable Boolean plain = null;
        if (settings.plainHosts().contains(reference.host())) {
            plain = true;
        } else if (!Loopback.is(host)) {
            plain = false;
        }
        return new Endpoint(host, reference.host(), reference.repository(), plain, false);
    }

    static Endpoint of(Mirror mirror, RegistryReference reference) {
        return new Endpoint(
                mirror.host(), mirror.host(), mirror.prefix() + reference.repository(), mirror.plain(), true);
    }

    Endpoint withPlain(boolean found) {
        return new Endpoint(host, credentialHost, repository, found, mirror);
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

    /** Returns host and port of an address, the scheme's own port too. */
    static String hostAndPort(URI uri) {
        int port = uri.getPort();
        if (port < 0) {
            port = "http".equalsIgnoreCase(uri.getScheme()) ? 80 : 443;
        }
        return String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }
}
