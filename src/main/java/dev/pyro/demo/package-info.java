/**
 * Demonstrations: one that always does the same, and one in which a language model calls the tools.
 *
 * <p>Allowed dependencies: {@code mcp}, {@code sdk}, {@code payload}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.demo;

import org.jspecify.annotations.NullMarked;
