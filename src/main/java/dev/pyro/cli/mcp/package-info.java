/**
 * The commands of {@code pyro mcp}.
 *
 * <p>Allowed dependencies: {@code cli.command}, {@code cli.render}, {@code mcp.client}, {@code json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli.mcp;

import org.jspecify.annotations.NullMarked;
