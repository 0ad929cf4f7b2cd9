/** Pyro's entry point, {@link dev.pyro.Main}. */
@NullMarked
package dev.pyro;

import org.jspecify.annotations.NullMarked;
