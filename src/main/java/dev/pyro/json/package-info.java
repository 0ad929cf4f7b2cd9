/**
 * JSON as a small immutable tree over Jackson's streaming core, whose start-up cost is a fifth of databind's.
 *
 * <p>Allowed dependencies: {@code model}, Jackson's streaming core.
 */
@NullMarked
package dev.pyro.json;

import org.jspecify.annotations.NullMarked;
