package dev.pyro.environment;

/** The labels that {@code env push} writes on images, and that a pull reads. Stateless. */
final class ImageLabels {
    /** The environment's name. */
    static final String ENVIRONMENT = "dev.pyro.environment";

    /** Its version. */
    static final String VERSION = "dev.pyro.version";

    /** The digest of what it contains. */
    static final String DIGEST = "dev.pyro.digest";

    /** The digest of its only layer when that is not compressed: an image that was made of this one has the labels too, and more layers. */
    static final String LAYER = "dev.pyro.layer";

    /** {@value #LOGIN} when commands run in a login shell. */
    static final String SHELL = "dev.pyro.shell";

    static final String LOGIN = "login";

    /** One line for a person, as other programs write it. */
    static final String TITLE = "org.opencontainers.image.title";

    private ImageLabels() {}
}
