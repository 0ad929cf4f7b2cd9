/**
 * Files that outlive a process: where they lie, how they are locked and how they are replaced.
 *
 * <p>Allowed dependencies: {@code os}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.store;

import org.jspecify.annotations.NullMarked;
