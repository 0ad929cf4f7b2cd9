/**
 * The command line: each command parses, makes one facade call and renders the result.
 *
 * <p>Allowed dependencies: {@code cli.command}, {@code cli.workspace}, {@code cli.mcp}, {@code cli.render}, {@code sdk}, {@code payload}, {@code
 * json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli;

import org.jspecify.annotations.NullMarked;
