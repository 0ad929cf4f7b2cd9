package dev.pyro.oci;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The grammar of references, which is that of distribution/reference, but for hosts of capitals. Stateless. */
final class ReferenceParser {
    static final String LAYOUT_PREFIX = "oci:";
    static final String ARCHIVE_PREFIX = "docker-archive:";

    /** A path of Linux and a reference behind it. */
    private static final int MAX_CHARS = 5_000;

    private static final int MAX_HOST_CHARS = 255;
    private static final int MAX_REPOSITORY_CHARS = 255;
    private static final int MAX_PORT = 65_535;

    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
    private static final Pattern HOST =
            Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-f:.]{2,45}])(?::(?<port>[0-9]{1,5}))?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private ReferenceParser() {}

    static Optional<ImageReference> parse(String text, Path workingDirectory) {
        if (text.length() > MAX_CHARS || text.chars().anyMatch(Character::isISOControl)) {
            return Optional.empty();
        }
        try {
            if (text.startsWith(LAYOUT_PREFIX)) {
                return layout(text.substring(LAYOUT_PREFIX.length()), workingDirectory);
            }
            if (text.startsWith(ARCHIVE_PREFIX)) {
                return archive(text.substring(ARCHIVE_PREFIX.length()), workingDirectory);
            }
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        return registry(text);
    }

    /** The tag is what is behind the last colon, unless that belongs to the path. */
    private static Optional<ImageReference> layout(String text, Path workingDirectory) {
        int colon = text.lastIndexOf(':');
        boolean tagged = colon >= 0 && text.indexOf('/', colon) < 0;
        String folder = tagged ? text.substring(0, colon) : text;
        String tag = tagged ? text.substring(colon + 1) : null;
        if (folder.isEmpty() || (tag != null && !isWord(tag))) {
            return Optional.empty();
        }
        return Optional.of(new LayoutReference(workingDirectory.resolve(folder), tag));
    }

    /** The file ends at the first colon, as other programs have it: what is behind it has colons itself. */
    private static Optional<ImageReference> archive(String text, Path workingDirectory) {
        int colon = text.indexOf(':');
        String file = colon < 0 ? text : text.substring(0, colon);
        String reference = colon < 0 ? null : text.substring(colon + 1);
        if (file.isEmpty() || (reference != null && registry(reference).isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new ArchiveReference(workingDirectory.resolve(file), reference));
    }

    static Optional<ImageReference> registry(String text) {
        String rest = text;
        String digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = rest.substring(at + 1);
            rest = rest.substring(0, at);
        }
        String tag = null;
        int colon = rest.lastIndexOf(':');
        if (colon >= 0 && rest.indexOf('/', colon) < 0) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
        }
        int slash = rest.indexOf('/');
        boolean hostGiven = slash > 0 && looksLikeHost(rest.substring(0, slash));
        String host = hostGiven ? rest.substring(0, slash).toLowerCase(Locale.ROOT) : RegistryReference.DOCKER_HUB;
        String repository = hostGiven ? rest.substring(slash + 1) : rest;
        if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            host = RegistryReference.DOCKER_HUB;
        }
        if (host.equals(RegistryReference.DOCKER_HUB) && repository.indexOf('/') < 0) {
            repository = RegistryReference.OFFICIAL + repository;
        }
        if (!isHost(host)
                || !isRepository(repository)
                || (tag != null && !isTag(tag))
                || (digest != null && !isDigest(digest))) {
            return Optional.empty();
        }
        if (tag == null && digest == null) {
            tag = RegistryReference.DEFAULT_TAG;
        }
        return Optional.of(new RegistryReference(host, repository, tag, digest, hostGiven));
    }

    /** Tells whether a text without a host means Docker Hub. */
    static boolean meansDockerHub(String text) {
        return !text.startsWith(LAYOUT_PREFIX)
                && !text.startsWith(ARCHIVE_PREFIX)
                && registry(text)
                        .filter(reference -> reference instanceof RegistryReference it && !it.hostGiven())
                        .isPresent();
    }

    /** Capitals alone make no host, unlike elsewhere: in lower case, as hosts are kept here, it would be read as a path. */
    private static boolean looksLikeHost(String component) {
        return component.indexOf('.') >= 0 || component.indexOf(':') >= 0 || component.equalsIgnoreCase("localhost");
    }

    static boolean isHost(String text) {
        return looksLikeHost(text) && isHostName(text);
    }

    /** Like {@link #isHost}, and takes single words too: for where nothing but a host can stand. */
    static boolean isHostName(String text) {
        if (text.length() > MAX_HOST_CHARS) {
            return false;
        }
        var matcher = HOST.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        String port = matcher.group("port");
        boolean portFits = port == null || (Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= MAX_PORT);
        return portFits && isHostOfUri(text);
    }

    /** Numbers that are no address, and colons in disorder, fit the pattern. */
    private static boolean isHostOfUri(String text) {
        try {
            return new URI("https://" + text + "/").getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    static boolean isRepository(String text) {
        if (text.length() > MAX_REPOSITORY_CHARS) {
            return false;
        }
        for (String component : text.split("/", -1)) {
            if (!COMPONENT.matcher(component).matches()) {
                return false;
            }
        }
        return true;
    }

    static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    private static boolean isWord(String text) {
        return !text.isEmpty() && text.indexOf(' ') < 0;
    }
}
