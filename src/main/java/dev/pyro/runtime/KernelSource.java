package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Path;

/** A place where a kernel may come from. */
interface KernelSource {
    /**
     * Brings the kernel.
     *
     * @param staging a folder for what must be fetched or unpacked; it is deleted later
     * @throws PyroException {@link ErrorCode#RUNTIME_UNAVAILABLE} when there is none to be had here: why, and what to do
     */
    Kernel obtain(Path staging, Progress.Listener listener) throws IOException;
}
