package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;

/** Keeps results at a size that clients take. Stateless. */
final class ResultBounds {
    private ResultBounds() {}

    static ToolResult bound(JsonObject payload) {
        return new ToolResult(payload, List.of(), false);
    }
}
