/**
 * The command line: each command parses, makes one facade call and renders the result.
 *
 * <p>Allowed dependencies: {@code cli.command}, {@code cli.demo}, {@code cli.mcp}, {@code cli.workspace}, {@code cli.render}, {@code
 * sdk}, {@code payload}, {@code json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli;

import org.jspecify.annotations.NullMarked;
