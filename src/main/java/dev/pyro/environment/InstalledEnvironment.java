package dev.pyro.environment;

import java.nio.file.Path;

/**
 * An environment that is ready for use.
 *
 * @param name what users call it
 * @param version the version of its definition when it was made
 * @param digest what its root file system is, as {@code sha256:} and 64 hex digits
 * @param source where it came from: {@code local} for a build from packages
 * @param directory its folder, which holds the files below
 * @param manifest its record, {@code environment.json}
 * @param rootfsImage its raw sparse ext4 image, never written again
 * @param sizeBytes how much of the disk it takes
 */
public record InstalledEnvironment(
        String name,
        String version,
        String digest,
        String source,
        Path directory,
        Path manifest,
        Path rootfsImage,
        long sizeBytes) {}
