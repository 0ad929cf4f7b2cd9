/**
 * The command line: each command parses, makes one facade call and renders the result.
 *
 * <p>Allowed dependencies: {@code sdk}, {@code json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli;

import org.jspecify.annotations.NullMarked;
