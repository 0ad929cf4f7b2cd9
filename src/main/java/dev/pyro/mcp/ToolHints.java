package dev.pyro.mcp;

/**
 * What a client may assume of a tool before it asks its user; MCP calls them annotations.
 *
 * @param readOnly whether it changes nothing
 * @param destructive whether it may delete or overwrite what is there, when it is not read-only
 * @param idempotent whether a second call with the same arguments changes nothing more
 * @param openWorld whether it reaches things that Pyro does not keep: the network, or files of the host
 */
public record ToolHints(boolean readOnly, boolean destructive, boolean idempotent, boolean openWorld) {
    /** It only looks. */
    static final ToolHints LOOKS = new ToolHints(true, false, true, false);

    /** It makes something new of Pyro's own, another with each call. */
    static final ToolHints ADDS = new ToolHints(false, false, false, false);

    /** It brings something of Pyro's own into a state, and loses nothing. */
    static final ToolHints SETS = new ToolHints(false, false, true, false);

    /** It deletes or overwrites something of Pyro's own; doing so again changes nothing more. */
    static final ToolHints REPLACES = new ToolHints(false, true, true, false);

    /** Whether it reaches things that Pyro does not keep. */
    ToolHints withOpenWorld() {
        return new ToolHints(readOnly, destructive, idempotent, true);
    }

    /** It changes something else with each call. */
    ToolHints withoutIdempotence() {
        return new ToolHints(readOnly, destructive, false, openWorld);
    }
}
