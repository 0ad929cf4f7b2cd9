package dev.pyro.oci;

import java.nio.file.Path;
import java.util.List;

/**
 * An image whose every blob is on this machine and was verified.
 *
 * @param manifest what it consists of
 * @param config its configuration
 * @param layers the layers' files in the store of blobs, as they were fetched (compressed or not), lowest first
 */
public record LocalImage(ImageManifest manifest, ImageConfig config, List<Path> layers) {
    public LocalImage {
        layers = List.copyOf(layers);
    }
}
