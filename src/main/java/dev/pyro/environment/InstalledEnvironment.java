package dev.pyro.environment;

import dev.pyro.model.ImageSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An environment that is ready for use.
 *
 * @param name what users call it
 * @param version the version of its definition when it was made
 * @param digest what its root file system is, as {@code sha256:} and 64 hex digits
 * @param source where it came from: {@code local} for a build from packages, {@code oci} for an image, {@code dockerfile} for a Dockerfile
 * @param directory its folder, which holds the files below
 * @param manifest its record, {@code environment.json}
 * @param rootfsImage its raw sparse ext4 image, never written again
 * @param sizeBytes how much of the disk it takes
 * @param image the image that it was made of, or null for the catalogue's environments that were built here
 */
public record InstalledEnvironment(
        String name,
        String version,
        String digest,
        String source,
        Path directory,
        Path manifest,
        Path rootfsImage,
        long sizeBytes,
        @Nullable ImageOrigin image) {
    /** Returns how commands run in it, or null when they run as in the catalogue's environments. */
    public @Nullable ImageSettings settings() {
        return image == null ? null : image.settings();
    }
}
