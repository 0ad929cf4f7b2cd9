/**
 * The environments that a guest can be made of: catalogue, build, install, prune.
 *
 * <p>Allowed dependencies: {@code image}, {@code oci}, {@code disk}, {@code store}, {@code os}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.environment;

import org.jspecify.annotations.NullMarked;
