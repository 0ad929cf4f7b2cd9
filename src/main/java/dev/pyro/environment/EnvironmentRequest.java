package dev.pyro.environment;

import dev.pyro.oci.ImageReference;

/** What a person means by an environment's name. Whether it is installed is another question. Immutable. */
public sealed interface EnvironmentRequest {
    /** Returns the name under which it is shown. */
    String name();

    /**
     * One of Pyro's own environments.
     *
     * @param entry which
     */
    record Catalogued(CatalogueEntry entry) implements EnvironmentRequest {
        @Override
        public String name() {
            return entry.name();
        }
    }

    /**
     * What {@code env build} has made on this host.
     *
     * @param name the name that it was given
     */
    record Built(String name) implements EnvironmentRequest {}

    /**
     * An image that somebody else made.
     *
     * @param reference which
     * @param name its familiar form, or its canonical one where the familiar one means another environment
     */
    record Imaged(ImageReference reference, String name) implements EnvironmentRequest {}
}
