/**
 * A person's terminal in the hands of a shell in a guest. Loaded for {@code pyro workspace shell attach} alone.
 *
 * <p>Allowed dependencies: {@code cli.render}, {@code model}.
 */
@NullMarked
package dev.pyro.cli.terminal;

import org.jspecify.annotations.NullMarked;
