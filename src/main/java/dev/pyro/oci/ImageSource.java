package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;

/** Where one image comes from: a registry, a layout's folder, or an archive. */
public interface ImageSource extends AutoCloseable {
    /**
     * Returns what the image consists of now. Fetches its manifest and nothing else.
     *
     * @throws PyroException {@link ErrorCode#IMAGE_NOT_FOUND}, {@link ErrorCode#IMAGE_UNSUITABLE}, {@link ErrorCode#IMAGE_CORRUPT}, {@link
     *     ErrorCode#REGISTRY_UNAVAILABLE}, {@link ErrorCode#REGISTRY_DENIED}, {@link ErrorCode#INTERRUPTED}
     */
    ImageManifest resolve(Progress.Listener listener);

    /**
     * Brings every blob of the image into the store, verified. Those that are there already, and hold what they should, are not fetched again.
     *
     * @throws PyroException as {@link #resolve} does, and {@link ErrorCode#DISK_FULL}, {@link ErrorCode#STORAGE_UNUSABLE}, {@link
     *     ErrorCode#LOCK_TIMEOUT}. What was fetched by then is kept, and the next call goes on from there
     */
    LocalImage fetch(ImageManifest manifest, Progress.Listener listener);

    /** Ends connections; does not fail. */
    @Override
    void close();
}
