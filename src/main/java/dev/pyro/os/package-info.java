/**
 * The host's operating system: processes and their identity, the search for host tools, platform facts.
 *
 * <p>Allowed dependencies: {@code model}.
 */
@NullMarked
package dev.pyro.os;

import org.jspecify.annotations.NullMarked;
