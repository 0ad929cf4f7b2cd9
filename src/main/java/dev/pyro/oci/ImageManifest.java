package dev.pyro.oci;

import java.util.List;

/**
 * One image for linux/amd64: what it consists of.
 *
 * @param digest the digest of the manifest itself (for {@code docker-archive:} that of its config)
 * @param config its configuration
 * @param layers its layers, lowest first
 */
public record ImageManifest(String digest, Descriptor config, List<Descriptor> layers) {
    public ImageManifest {
        layers = List.copyOf(layers);
    }
}
