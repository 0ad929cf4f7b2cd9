package dev.pyro.oci;

import dev.pyro.model.Arguments;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An image in a registry.
 *
 * @param host {@code HOST[:PORT]} in lower case; {@code docker.io} for Docker Hub
 * @param repository its path there, such as {@code library/debian}
 * @param tag its tag, or null when there is a digest and no tag
 * @param digest {@code sha256:} and 64 hex digits, or null; where both are given the digest counts, and the tag is for show
 * @param hostGiven whether the host was written, and is not just the one that is meant when none is
 */
public record RegistryReference(
        String host,
        String repository,
        @Nullable String tag,
        @Nullable String digest,
        boolean hostGiven) implements ImageReference {
    /** The host that is meant when none is written. */
    public static final String DOCKER_HUB = "docker.io";

    /** The tag that is meant when neither a tag nor a digest is written. */
    public static final String DEFAULT_TAG = "latest";

    static final String OFFICIAL = "library/";

    public RegistryReference {
        host = host.toLowerCase(Locale.ROOT);
        if (!ReferenceParser.isHost(host) || !ReferenceParser.isRepository(repository)) {
            throw new IllegalArgumentException("no repository: " + Arguments.printable(host + "/" + repository));
        }
        if ((tag == null && digest == null)
                || (tag != null && !ReferenceParser.isTag(tag))
                || (digest != null && !ReferenceParser.isDigest(digest))) {
            throw new IllegalArgumentException("no tag or digest: " + Arguments.printable(tag + "@" + digest));
        }
    }

    /** Returns what a registry is asked for: the digest where there is one, else the tag. */
    public String target() {
        if (digest != null) {
            return digest;
        }
        return tag == null ? DEFAULT_TAG : tag;
    }

    /** Returns the same repository's image of another tag. */
    public RegistryReference withTag(String newTag) {
        return new RegistryReference(host, repository, newTag, null, hostGiven);
    }

    /** Returns host and path without tag and digest. */
    public String name() {
        return host + "/" + repository;
    }

    @Override
    public String canonical() {
        return name() + suffix();
    }

    @Override
    public String familiar() {
        if (!host.equals(DOCKER_HUB)) {
            return canonical();
        }
        String shortName = repository.startsWith(OFFICIAL) && repository.indexOf('/', OFFICIAL.length()) < 0
                ? repository.substring(OFFICIAL.length())
                : repository;
        String text = shortName + suffix();
        // Not where the short form means something else: a host, or a layout.
        return ReferenceParser.meansDockerHub(text) ? text : canonical();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    @Override
    public String toString() {
        return canonical();
    }
}
