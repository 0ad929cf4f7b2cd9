package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.Optional;

/** Where the credentials for registries are. */
@FunctionalInterface
public interface Credentials {
    /**
     * Returns what a registry is asked with, or empty when nothing is known for it.
     *
     * @param host {@code HOST[:PORT]}; {@code docker.io} for Docker Hub
     * @param repository the path there
     * @throws PyroException {@link ErrorCode#REGISTRY_DENIED} when a file or a helper that should know cannot be used
     */
    Optional<Credential> find(String host, String repository);
}
