/**
 * The public facade. Start at {@link dev.pyro.sdk.Pyro}.
 *
 * <p>Allowed dependencies: {@code workspace} and what it may use.
 */
@NullMarked
package dev.pyro.sdk;

import org.jspecify.annotations.NullMarked;
