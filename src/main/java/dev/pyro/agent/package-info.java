/**
 * The host's side of the guest protocol, over any byte channel; it knows no back end.
 *
 * <p>Allowed dependencies: {@code os}, {@code model}.
 */
@NullMarked
package dev.pyro.agent;

import org.jspecify.annotations.NullMarked;
