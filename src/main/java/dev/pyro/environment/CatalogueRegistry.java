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
 * @param prefix what should be {@code HOST[:PORT]/PREFIX}; whether it is shows when it is used, for most commands need none of it
 */
record CatalogueRegistry(String prefix) {
    /** The variable that names it. */
    static final String VARIABLE = "PYRO_ENV_REGISTRY";

    /** Returns the registry that the variables name, if they do. */
    static Optional<CatalogueRegistry> of(Map<String, String> environment) {
        String value = environment.getOrDefault(VARIABLE, "");
        return value.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new CatalogueRegistry(value.endsWith("/") ? value.substring(0, value.length() - 1) : value));
    }

    /**
     * Returns the image that holds an environment of the catalogue.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the prefix is none
     */
    RegistryReference reference(CatalogueEntry entry) {
        return ImageReference.parse(prefix + "/" + entry.name(), Path.of("/"))
                .filter(reference -> reference instanceof RegistryReference it && it.hostGiven())
                .map(RegistryReference.class::cast)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        VARIABLE + " must be HOST[:PORT]/PREFIX, such as registry.example.org/pyro, not \""
                                + Arguments.printableAddress(prefix) + "\""));
    }
}
