/**
 * The configuration files of programs that speak MCP: what starts our server, in each one's own form, and how it is put into a file
 * without losing what is there.
 *
 * <p>Allowed dependencies: {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.mcp.client;

import org.jspecify.annotations.NullMarked;
