package dev.pyro.environment;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.nio.file.Path;

/** Where the root file system of an environment comes from. Implementations are safe for use by several threads. */
public interface EnvironmentSource {
    /**
     * A root file system that was made.
     *
     * @param rootfsImage the raw sparse ext4 image, inside the folder that the source was given
     * @param digest what it contains, as {@code sha256:} and 64 hex digits
     */
    record RootFilesystem(Path rootfsImage, String digest) {}

    /** Returns the source's name, as records and payloads show it. */
    String name();

    /**
     * Makes the root file system of an environment inside a folder of the caller's. When this method throws, the folder may
     * hold anything; the caller deletes it.
     *
     * @throws PyroException {@link ErrorCode#ENVIRONMENT_BUILD_FAILED} with the last lines of the tool that failed, {@link
     *     ErrorCode#HOST_TOOL_MISSING}, {@link ErrorCode#DISK_FULL}, {@link ErrorCode#INTERRUPTED}
     */
    RootFilesystem build(CatalogueEntry entry, Path directory, Progress.Listener listener);
}
