package dev.pyro.oci;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Another place that has what a registry has.
 *
 * @param registry the registry, {@code HOST[:PORT]}
 * @param host the mirror, {@code HOST[:PORT]}
 * @param prefix what comes before a repository's name there, empty or ending with a slash
 * @param plain whether it is spoken to without TLS
 */
public record Mirror(String registry, String host, String prefix, boolean plain) {
    /**
     * Reads {@code [HOST=]URL}.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}
     */
    static Mirror parse(String text) {
        int equals = text.indexOf('=');
        String registry = equals < 0
                ? RegistryReference.DOCKER_HUB
                : text.substring(0, equals).toLowerCase(Locale.ROOT);
        try {
            URI url = new URI(text.substring(equals + 1));
            String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
            String host =
                    url.getRawAuthority() == null ? "" : url.getRawAuthority().toLowerCase(Locale.ROOT);
            String path = url.getRawPath() == null ? "" : url.getRawPath().replaceAll("^/+|/+$", "");
            boolean whole = (scheme.equals("https") || scheme.equals("http"))
                    && ReferenceParser.isHostName(host)
                    && ReferenceParser.isHostName(registry)
                    && (path.isEmpty() || ReferenceParser.isRepository(path))
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
            if (whole) {
                return new Mirror(registry, host, path.isEmpty() ? "" : path + "/", scheme.equals("http"));
            }
        } catch (URISyntaxException e) {
            // The message below says it all.
        }
        throw new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                "a mirror of a registry is [HOST=]URL, such as docker.io=https://mirror.example.org, not \""
                        + Arguments.printableAddress(text) + "\"");
    }
}
