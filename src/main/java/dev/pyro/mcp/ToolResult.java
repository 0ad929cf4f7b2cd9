package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.payload.ByteText;
import java.util.List;

/**
 * What a call comes to.
 *
 * @param payload the payload, or the failure's {@code error} and {@code code}
 * @param notes sentences for the model about the payload, such as that it was cut and how to read the rest; they
 *     stand in the payload too, since some clients show their model nothing else
 * @param failed whether the call failed
 */
public record ToolResult(JsonObject payload, List<String> notes, boolean failed) {
    public ToolResult {
        notes = List.copyOf(notes);
    }

    /** A call that failed, as {@code --json} shows it. */
    public static ToolResult failure(ErrorCode code, String message) {
        return new ToolResult(
                JsonObject.builder()
                        .put("ok", false)
                        .put("error", ResultBounds.message(ByteText.visible(message)))
                        .put("code", code.name())
                        .build(),
                List.of(),
                true);
    }
}
