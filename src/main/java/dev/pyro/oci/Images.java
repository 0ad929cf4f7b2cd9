package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.store.PyroPaths;
import java.util.Map;

/** Opens images, wherever they are. Immutable; safe for use by several threads. */
public final class Images {
    private final BlobStore store;
    private final RegistrySettings settings;
    private final Credentials credentials;
    private final HttpBounds bounds;
    private final Retry retry;

    /** Opens nothing yet. */
    public Images(BlobStore store, RegistrySettings settings, Credentials credentials) {
        this(store, settings, credentials, HttpBounds.USUAL, Retry.FETCH);
    }

    Images(BlobStore store, RegistrySettings settings, Credentials credentials, HttpBounds bounds, Retry retry) {
        this.store = store;
        this.settings = settings;
        this.credentials = credentials;
        this.bounds = bounds;
        this.retry = retry;
    }

    /** What the environment variables call for. */
    public static Images of(PyroPaths paths, Map<String, String> environment) {
        return new Images(new BlobStore(paths), RegistrySettings.of(environment), new AuthFiles(environment));
    }

    /**
     * Opens an image; asks nobody yet.
     *
     * @param options what a call asks for besides the settings
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when options or settings are malformed
     */
    public ImageSource open(ImageReference reference, RegistryOptions options) {
        return switch (reference) {
            case RegistryReference registry ->
                new RegistryImages(registry, store, client(registry, Purpose.Access.PULL, options), retry);
            case LayoutReference layout -> new LayoutImages(layout, store);
            case ArchiveReference archive -> new ArchiveImages(archive, store);
        };
    }

    /**
     * Opens a repository that something is to be pushed to; asks nobody yet. Mirrors are not asked.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when options or settings are malformed
     */
    public RegistryClient openForPush(RegistryReference reference, RegistryOptions options) {
        return client(reference, Purpose.Access.PUSH, options);
    }

    private RegistryClient client(RegistryReference reference, Purpose.Access access, RegistryOptions options) {
        return new RegistryClient(reference, access, settings.with(options), credentials, bounds, retry);
    }
}
