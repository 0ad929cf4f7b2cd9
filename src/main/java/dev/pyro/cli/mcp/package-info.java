/**
 * The commands {@code pyro mcp …}.
 *
 * <p>Allowed dependencies: {@code cli.command}, {@code cli.render}, {@code mcp}, {@code mcp.client}, {@code mcp.http}, {@code mcp.server},
 * {@code sdk}, {@code json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli.mcp;

import org.jspecify.annotations.NullMarked;
