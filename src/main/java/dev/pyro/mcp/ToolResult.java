package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.payload.ByteText;

/**
 * What a call comes to.
 *
 * @param payload the payload, with sentences for the model in {@code notes} where it was cut, or the failure's {@code error} and {@code code}
 * @param failed whether the call failed
 */
public record ToolResult(JsonObject payload, boolean failed) {
    /** A call that failed, as {@code --json} shows it. */
    public static ToolResult failure(ErrorCode code, String message) {
        return new ToolResult(
                JsonObject.builder()
                        .put("ok", false)
                        .put("error", ResultBounds.message(ByteText.visible(message)))
                        .put("code", code.name())
                        .build(),
                true);
    }
}
