/**
 * Machines in QEMU: booted once, saved as a template, and started from it ever after.
 *
 * <p>Allowed dependencies: {@code machine}, {@code agent} (its texts), {@code disk}, {@code store}, {@code os}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.machine.qemu;

import org.jspecify.annotations.NullMarked;
