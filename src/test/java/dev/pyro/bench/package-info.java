/** Measurements of the whole program, started as users start it. {@code ./dev bench} runs them. */
@NullMarked
package dev.pyro.bench;

import org.jspecify.annotations.NullMarked;
