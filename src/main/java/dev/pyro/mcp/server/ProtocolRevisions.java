package dev.pyro.mcp.server;

import io.modelcontextprotocol.spec.ProtocolVersions;
import java.util.List;

/** The revisions of MCP that are spoken, over every transport. Stateless. */
public final class ProtocolRevisions {
    /**
     * The newest one last: clients that ask for another one are offered it. Those before 2025-06-18 have batches, which are not understood
     * here.
     */
    public static final List<String> SPOKEN = List.of(ProtocolVersions.MCP_2025_06_18, ProtocolVersions.MCP_2025_11_25);

    private ProtocolRevisions() {}
}
