package dev.pyro.oci;

import dev.pyro.model.Progress;

/** An image in a registry. */
final class RegistryImages implements ImageSource {
    /** An index may name an index, and that one images. */
    static final int MAX_INDEXES = 2;

    private final RegistryReference reference;
    private final BlobStore store;
    private final RegistryClient client;
    private final Retry retry;

    RegistryImages(RegistryReference reference, BlobStore store, RegistryClient client, Retry retry) {
        this.reference = reference;
        this.store = store;
        this.client = client;
        this.retry = retry;
    }

    @Override
    public ImageManifest resolve(Progress.Listener listener) {
        String what = reference.familiar();
        var notices = BlobFetch.resolving(listener, what);
        String target = reference.target();
        for (int indexes = 0; indexes <= MAX_INDEXES; indexes++) {
            RegistryClient.FetchedManifest fetched = client.manifest(target, notices);
            switch (fetched.read(what)) {
                case ManifestReader.Image(ImageManifest manifest) -> {
                    return manifest;
                }
                case ManifestReader.Index index ->
                    target = ManifestReader.choose(what, index).digest();
            }
        }
        throw ManifestReader.unsuitable(
                what, "is an index of indexes of indexes; name the image itself, by its digest");
    }

    @Override
    public LocalImage fetch(ImageManifest manifest, Progress.Listener listener) {
        return new BlobFetch(store, reference.familiar(), listener)
                .fetch(
                        manifest,
                        (blob, progress) -> new BlobDownload.Transfer(
                                client.blob(blob, progress::notice),
                                retry,
                                client::failure,
                                progress::gained,
                                progress::notice));
    }

    @Override
    public void close() {
        client.close();
    }
}
