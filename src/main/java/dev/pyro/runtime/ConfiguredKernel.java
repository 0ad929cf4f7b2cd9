package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The kernel that the user named.
 *
 * @param image {@code PYRO_KERNEL}
 * @param modules {@code PYRO_KERNEL_MODULES}, or null for {@code /lib/modules/RELEASE}, or none when that does not exist
 */
record ConfiguredKernel(Path image, @Nullable Path modules) implements KernelSource {
    private static final Path SYSTEM_MODULES = Path.of("/lib/modules");

    @Override
    public Kernel obtain(Path staging, Progress.Listener listener) {
        listener.onProgress(Progress.of("setup", "kernel", image.toString()));
        return read(image, modules, "PYRO_KERNEL");
    }

    /** Tells one state of the named files from another, without reading them. */
    String identity() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(image, BasicFileAttributes.class);
            return image.toAbsolutePath() + "\n" + attributes.size() + "\n"
                    + attributes.lastModifiedTime().toMillis() + "\n" + modules;
        } catch (IOException e) {
            throw unreadable(image, "PYRO_KERNEL", e);
        }
    }

    static Kernel read(Path image, @Nullable Path modules, String setting) {
        String release;
        try {
            release = KernelImage.read(image).release().orElse("unknown");
        } catch (IOException e) {
            throw unreadable(image, setting, e);
        }
        if (modules != null) {
            if (!Files.isDirectory(modules.resolve("kernel"))) {
                throw new PyroException(
                        ErrorCode.RUNTIME_UNAVAILABLE,
                        "PYRO_KERNEL_MODULES is " + modules
                                + ", which is no folder of modules: it must hold modules.builtin and kernel/, as "
                                + SYSTEM_MODULES + "/RELEASE does");
            }
            return new Kernel(release, image, new FolderModules(modules));
        }
        Path standard = SYSTEM_MODULES.resolve(release);
        boolean present = Files.isDirectory(standard.resolve("kernel"));
        return new Kernel(release, image, present ? new FolderModules(standard) : ModuleSource.NONE);
    }

    private static PyroException unreadable(Path image, String setting, IOException e) {
        return new PyroException(
                ErrorCode.RUNTIME_UNAVAILABLE,
                "cannot use the kernel " + image + " (" + setting + "): "
                        + (e instanceof java.nio.file.NoSuchFileException ? "no such file" : e.getMessage())
                        + "; set PYRO_KERNEL to a readable bzImage or vmlinux, or unset it",
                e);
    }
}
