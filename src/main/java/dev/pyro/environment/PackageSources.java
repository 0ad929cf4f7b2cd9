package dev.pyro.environment;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Where packages come from. */
final class PackageSources {
    /** Names a mirror of the distribution's archive, instead of its own server. */
    static final String MIRROR = "PYRO_DEBIAN_MIRROR";

    /** Names a mirror of its security archive; without it, its own server. */
    static final String SECURITY_MIRROR = "PYRO_DEBIAN_SECURITY_MIRROR";

    private static final String SECURITY_SERVER = "http://security.debian.org/debian-security";
    private static final Pattern URL = Pattern.compile("(?:https?|file)://?[A-Za-z0-9._~:/%@+\\[\\]-]+");

    private PackageSources() {}

    /**
     * Returns the lines of a {@code sources.list}, or none when the distribution's own servers serve.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when a variable holds no URL
     */
    static List<String> of(CatalogueEntry entry, Map<String, String> environment) {
        String mirror = environment.getOrDefault(MIRROR, "");
        String security = environment.getOrDefault(SECURITY_MIRROR, "");
        if (mirror.isEmpty() && security.isEmpty()) {
            return List.of();
        }
        String archive = mirror.isEmpty() ? "http://deb.debian.org/debian" : checked(MIRROR, mirror);
        String securityArchive = security.isEmpty() ? SECURITY_SERVER : checked(SECURITY_MIRROR, security);
        return List.of(
                "deb " + archive + " " + entry.suite() + " main",
                "deb " + archive + " " + entry.suite() + "-updates main",
                "deb " + securityArchive + " " + entry.suite() + "-security main");
    }

    private static String checked(String variable, String value) {
        if (!URL.matcher(value).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    variable + " is not a URL: \"" + Arguments.printableAddress(value)
                            + "\"; give one such as http://deb.debian.org/debian");
        }
        return value;
    }
}
