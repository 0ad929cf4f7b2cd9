package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel that this host runs.
 *
 * @param boot the folder of kernel images
 * @param modules the folder of the folders of modules
 */
record HostKernel(Path boot, Path modules) implements KernelSource {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");

    static HostKernel ofSystem() {
        return new HostKernel(Path.of("/boot"), Path.of("/lib/modules"));
    }

    @Override
    public Kernel obtain(Path staging, Progress.Listener listener) throws IOException {
        String release = Files.readString(RELEASE).strip();
        Path image = boot.resolve("vmlinuz-" + release);
        if (!Files.isReadable(image)) {
            throw new PyroException(
                    ErrorCode.RUNTIME_UNAVAILABLE,
                    "the host's own kernel: " + image
                            + (Files.exists(image) ? " is not readable for this user" : " does not exist"));
        }
        listener.onProgress(Progress.of("setup", "kernel", image.toString()));
        return ConfiguredKernel.read(image, modules.resolve(release), "the host's own kernel");
    }
}
