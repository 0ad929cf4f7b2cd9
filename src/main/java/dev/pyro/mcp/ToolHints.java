package dev.pyro.mcp;

/**
 * What a client may assume of a tool before it asks its user; MCP calls them annotations.
 *
 * @param readOnly whether it changes nothing
 * @param destructive whether it may delete or overwrite what is there, when it is not read-only
 * @param idempotent whether a second call with the same arguments changes nothing more
 * @param openWorld whether it reaches things that Pyro does not keep: the network, or files of the host
 */
public record ToolHints(boolean readOnly, boolean destructive, boolean idempotent, boolean openWorld) {}
