package dev.pyro.environment;

import dev.pyro.image.ImageUnpacker;
import dev.pyro.oci.BlobStore;
import dev.pyro.oci.Images;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTools;
import dev.pyro.store.PyroPaths;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What environments of images are made with. Immutable.
 *
 * @param sources opens images
 * @param unpacker makes root file systems of them
 * @param blobs the blobs that were fetched
 * @param registry where the catalogue's environments come from; empty when they are built here
 * @param workingDirectory what the relative folders of layouts and archives are relative to
 */
record ImageParts(
        ImageInstaller.Sources sources,
        ImageInstaller.Unpacker unpacker,
        BlobStore blobs,
        Optional<CatalogueRegistry> registry,
        Path workingDirectory) {
    /** The real ones. Nothing is opened yet: an environment that is installed needs none of them. */
    static ImageParts local(
            PyroPaths paths, HostTools tools, BuildNamespace namespace, Map<String, String> environment) {
        return new ImageParts(
                (reference, options) -> Images.of(paths, environment).open(reference, options),
                (image, stage, listener) ->
                        new ImageUnpacker(tools, namespace, environment).unpack(image, stage, listener),
                new BlobStore(paths),
                CatalogueRegistry.of(environment),
                Path.of("").toAbsolutePath());
    }
}
