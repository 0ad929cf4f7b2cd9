/**
 * Disk images: ext4 file systems and qcow2 overlays, built with the host's own tools.
 *
 * <p>Allowed dependencies: {@code os}, {@code store}, {@code model}.
 */
@NullMarked
package dev.pyro.disk;

import org.jspecify.annotations.NullMarked;
