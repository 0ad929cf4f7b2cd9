/**
 * The tools that agents are offered: which there are, what each takes and returns, and how a call becomes a call of the facade. Knows
 * no MCP library, so that the server under it can be replaced.
 *
 * <p>Allowed dependencies: {@code sdk}, {@code payload}, {@code json}, {@code model}, slf4j.
 */
@NullMarked
package dev.pyro.mcp;

import org.jspecify.annotations.NullMarked;
