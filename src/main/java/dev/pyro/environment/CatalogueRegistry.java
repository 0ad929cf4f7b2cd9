package dev.pyro.environment;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.RegistryReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The registry that the catalogue's environments come from, instead of being built here. Immutable.
 *
 * @param prefix {@code HOST[:PORT]/PREFIX}
 */
record CatalogueRegistry(String prefix) {
    /** The variable that names it. */
    static final String VARIABLE = "PYRO_ENV_REGISTRY";

    /** Any name of the grammar will do to see whether the prefix is one. */
    private static final String SAMPLE = "debian:12";

    CatalogueRegistry {
        if (find(prefix, SAMPLE).isEmpty()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    VARIABLE + " must be HOST[:PORT]/PREFIX, such as registry.example.org/pyro, not \""
                            + Arguments.printable(prefix) + "\"");
        }
    }

    /**
     * Returns the registry that the variables name, if they do.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when it is none
     */
    static Optional<CatalogueRegistry> of(Map<String, String> environment) {
        String value = environment.getOrDefault(VARIABLE, "");
        return value.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new CatalogueRegistry(value.endsWith("/") ? value.substring(0, value.length() - 1) : value));
    }

    /** Returns the image that holds an environment of the catalogue. */
    RegistryReference reference(CatalogueEntry entry) {
        return find(prefix, entry.name())
                .orElseThrow(() -> new IllegalStateException("no image can have the name " + entry.name()));
    }

    private static Optional<RegistryReference> find(String prefix, String name) {
        return ImageReference.parse(prefix + "/" + name, Path.of("/"))
                .filter(reference -> reference instanceof RegistryReference it && it.hostGiven())
                .map(RegistryReference.class::cast);
    }
}
