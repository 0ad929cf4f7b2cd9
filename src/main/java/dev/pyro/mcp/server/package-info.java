/**
 * The MCP server: the official SDK over a transport, with the {@link dev.pyro.mcp.Toolbox} behind it. With {@code mcp.http}, the only
 * package that knows the SDK.
 *
 * <p>Allowed dependencies: {@code mcp}, {@code json}, {@code model}, {@code payload}, the MCP SDK, Reactor, Jackson databind,
 * slf4j.
 */
@NullMarked
package dev.pyro.mcp.server;

import org.jspecify.annotations.NullMarked;
