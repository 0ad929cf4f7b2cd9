package dev.pyro.model;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An environment that a machine can be made of.
 *
 * @param name what users call it
 * @param version the version of its definition
 * @param description one line for a person
 * @param distribution the distribution's id
 * @param distributionVersion the distribution's version
 * @param defaultPackages the packages that it asks for by name
 * @param cacheDir the folder of all environments
 * @param installation where it is installed, or null when it is not
 */
public record Environment(
        String name,
        String version,
        String description,
        String distribution,
        String distributionVersion,
        List<String> defaultPackages,
        Path cacheDir,
        @Nullable Installation installation) {
    public Environment {
        defaultPackages = List.copyOf(defaultPackages);
    }

    /**
     * An installed environment on this host.
     *
     * @param installDir its folder
     * @param installManifest its record
     * @param kernelImage the kernel that boots it, or null until one was fetched
     * @param rootfsImage its raw ext4 image
     * @param source where it came from: {@code local} for a build from packages
     * @param digest what its root file system is
     * @param sizeBytes how much of the disk it takes
     */
    public record Installation(
            Path installDir,
            Path installManifest,
            @Nullable Path kernelImage,
            Path rootfsImage,
            String source,
            String digest,
            long sizeBytes) {}
}
