package dev.pyro.machine.qemu;

import java.nio.file.Path;

/**
 * What a guest boots from, apart from its root file system.
 *
 * @param digest of the three files below, as {@code sha256:} and 64 hex digits
 * @param kernel a bzImage or an ELF image
 * @param initramfs the archive that the kernel unpacks
 * @param agent the guest agent, which also runs on the host, to measure its clock
 */
public record GuestImage(String digest, Path kernel, Path initramfs, Path agent) {}
