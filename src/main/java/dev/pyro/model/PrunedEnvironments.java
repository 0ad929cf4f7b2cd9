package dev.pyro.model;

import java.nio.file.Path;
import java.util.List;

/**
 * What a clean-up of the cache removed.
 *
 * @param deletedEnvironmentDirs the folders of environments that were deleted
 * @param freedBytes how much of the disk they took, and the templates and kernels that went with them
 */
public record PrunedEnvironments(List<Path> deletedEnvironmentDirs, long freedBytes) {
    public PrunedEnvironments {
        deletedEnvironmentDirs = List.copyOf(deletedEnvironmentDirs);
    }
}
