package dev.pyro.runtime;

import java.nio.file.Path;

/**
 * What a guest boots from, apart from its environment.
 *
 * @param digest of kernel, modules and agent together, as {@code sha256:} and 64 hex digits
 * @param kernelRelease the kernel's release, such as {@code 6.1.0-30-cloud-amd64}
 * @param kernel a bzImage or an ELF image
 * @param initramfs the compressed archive that the kernel unpacks
 * @param agent the guest agent alone, a static executable for x86_64 Linux
 */
public record RuntimeBundle(String digest, String kernelRelease, Path kernel, Path initramfs, Path agent) {}
