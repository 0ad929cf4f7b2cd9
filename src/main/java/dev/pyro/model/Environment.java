package dev.pyro.model;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An environment that a machine can be made of.
 *
 * @param name what users call it
 * @param version the version of its definition; of an image the beginning of its digest, and empty until it is installed
 * @param description one line for a person
 * @param distribution the distribution's id
 * @param distributionVersion the distribution's version
 * @param defaultPackages the packages that it asks for by name
 * @param cacheDir the folder of all environments
 * @param installation where it is installed, or null when it is not
 * @param registry the image in a registry that it comes from, or null when it comes from none
 */
public record Environment(
        String name,
        String version,
        String description,
        String distribution,
        String distributionVersion,
        List<String> defaultPackages,
        Path cacheDir,
        @Nullable Installation installation,
        @Nullable Registry registry) {
    public Environment {
        defaultPackages = List.copyOf(defaultPackages);
    }

    /**
     * An image in a registry.
     *
     * @param host {@code HOST[:PORT]}
     * @param repository its path there
     * @param reference its tag, or {@code sha256:} and 64 hex digits
     */
    public record Registry(String host, String repository, String reference) {}

    /**
     * An installed environment on this host.
     *
     * @param installDir its folder
     * @param installManifest its record
     * @param kernelImage the kernel that boots it, or null until one was fetched
     * @param rootfsImage its raw ext4 image
     * @param source where it came from: {@code local} for a build from packages, {@code oci} for an image, {@code dockerfile}
     *     for a Dockerfile
     * @param digest what its root file system is
     * @param sizeBytes how much of the disk it takes
     * @param imageDigest the digest of the manifest of the image that it was made of, or null
     */
    public record Installation(
            Path installDir,
            Path installManifest,
            @Nullable Path kernelImage,
            Path rootfsImage,
            String source,
            String digest,
            long sizeBytes,
            @Nullable String imageDigest) {}
}
