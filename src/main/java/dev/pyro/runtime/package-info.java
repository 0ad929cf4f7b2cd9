/**
 * What a guest boots from, apart from its environment: the kernel and the initial RAM disk with the agent.
 *
 * <p>Allowed dependencies: {@code os}, {@code store}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.runtime;

import org.jspecify.annotations.NullMarked;
