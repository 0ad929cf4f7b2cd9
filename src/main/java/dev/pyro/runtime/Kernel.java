package dev.pyro.runtime;

import java.nio.file.Path;

/**
 * A kernel as its source has it.
 *
 * @param release its release
 * @param image a bzImage or an ELF image
 * @param modules its modules
 */
record Kernel(String release, Path image, ModuleSource modules) {}
