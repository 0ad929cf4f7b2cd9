/**
 * The MCP server over streamable HTTP: Jetty's server without servlets, a transport of our own for the SDK's sessions, and in front of
 * both the checks of host, origin and token. The only package that knows Jetty; no other door loads it.
 *
 * <p>Allowed dependencies: {@code mcp}, {@code mcp.server}, {@code json}, {@code os}, {@code model}, the MCP SDK, Reactor, Jetty, slf4j.
 */
@NullMarked
package dev.pyro.mcp.http;

import org.jspecify.annotations.NullMarked;
