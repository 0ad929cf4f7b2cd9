/** Pyro's MCP server as clients that others wrote use it: coding agents, driven by a scripted model, and checkers. */
@NullMarked
package dev.pyro.clients;

import org.jspecify.annotations.NullMarked;
