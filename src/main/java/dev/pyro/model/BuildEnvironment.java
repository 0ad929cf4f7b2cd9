package dev.pyro.model;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an environment is built from a Dockerfile. Immutable.
 *
 * @param file the Dockerfile, or null for {@code Dockerfile} or {@code Containerfile} in the folder
 * @param name the environment's name, or null for the folder's
 * @param arguments values for the file's ARG instructions
 * @param registries how registries are reached
 */
public record BuildEnvironment(
        @Nullable Path file, @Nullable String name, Map<String, String> arguments, RegistryOptions registries) {
    public BuildEnvironment {
        arguments = Map.copyOf(arguments);
    }

    /** Returns a build of the folder's own Dockerfile, named after the folder. */
    public static BuildEnvironment defaults() {
        return new BuildEnvironment(null, null, Map.of(), RegistryOptions.NONE);
    }

    /** Returns the same with another file. */
    public BuildEnvironment withFile(@Nullable Path newFile) {
        return new BuildEnvironment(newFile, name, arguments, registries);
    }

    /** Returns the same with another name. */
    public BuildEnvironment withName(@Nullable String newName) {
        return new BuildEnvironment(file, newName, arguments, registries);
    }

    /** Returns the same with other arguments. */
    public BuildEnvironment withArguments(Map<String, String> newArguments) {
        return new BuildEnvironment(file, name, newArguments, registries);
    }

    /** Returns the same with registries reached in another way. */
    public BuildEnvironment withRegistries(RegistryOptions newRegistries) {
        return new BuildEnvironment(file, name, arguments, newRegistries);
    }
}
