package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;

/**
 * What a call comes to.
 *
 * @param payload the payload, or the failure's {@code error} and {@code code}
 * @param notes sentences for the model about the payload, such as that it was cut and how to read the rest
 * @param failed whether the call failed
 */
public record ToolResult(JsonObject payload, List<String> notes, boolean failed) {
    public ToolResult {
        notes = List.copyOf(notes);
    }
}
