package dev.pyro.mcp.server;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.mcp.ToolResult;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.LoggingLevel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is answered in front of the SDK, which would take it for a defect of its own or answer something else: parameters that are none of
 * the method's are a fault of the protocol, and a tool that there is not is the failure of a tool, which a model reads. Safe for use by several
 * threads.
 */
public final class RequestRules {
    private final Toolbox toolbox;

    public RequestRules(Toolbox toolbox) {
        this.toolbox = toolbox;
    }

    /** Returns the response to a request that the SDK is not to see; empty when it is. */
    public Optional<JsonObject> answer(RpcMessage.Request request) {
        Optional<String> fault = switch (request.method()) {
            case McpSchema.METHOD_INITIALIZE -> initialize(request.params());
            case McpSchema.METHOD_TOOLS_CALL -> toolCall(request.params());
            case McpSchema.METHOD_LOGGING_SET_LEVEL -> setLevel(request.params());
            default -> Optional.empty();
        };
        if (fault.isPresent()) {
            return Optional.of(RpcError.invalidParams(fault.get()).response(request.id()));
        }
        if (request.method().equals(McpSchema.METHOD_TOOLS_CALL)
                && request.params().members().get("name") instanceof JsonString(String name)
                && !toolbox.has(name)) {
            ToolResult failure =
                    toolbox.call(name, JsonObject.builder().build(), OutputListener.NONE, Progress.Listener.NONE);
            return Optional.of(response(request.id(), failure));
        }
        return Optional.empty();
    }

    private static Optional<String> initialize(JsonObject params) {
        if (!(params.members().get("protocolVersion") instanceof JsonString)) {
            return Optional.of("initialize needs protocolVersion, a string");
        }
        return notAnObject(params, "capabilities").or(() -> notAnObject(params, "clientInfo"));
    }

    /**
     * Returns what the SDK needs of the parameters of {@code initialize}. What a client can do besides is of no use here, and whatever shape it has
     * must not keep the session from beginning.
     */
    static JsonObject initializeParams(JsonObject params) {
        JsonValue info = params.members().get("clientInfo");
        return JsonObject.builder()
                .put("protocolVersion", params.members().get("protocolVersion"))
                .put("capabilities", JsonObject.builder().build())
                .put(
                        "clientInfo",
                        JsonObject.builder()
                                .put("name", text(info, "name"))
                                .put("version", text(info, "version"))
                                .build())
                .build();
    }

    private static String text(@Nullable JsonValue object, String name) {
        return object instanceof JsonObject(Map<String, JsonValue> members)
                        && members.get(name) instanceof JsonString(String text)
                ? text
                : "";
    }

    private static Optional<String> toolCall(JsonObject params) {
        if (!(params.members().get("name") instanceof JsonString)) {
            return Optional.of("tools/call needs name, a string");
        }
        JsonValue token = progressToken(params);
        if (!(token instanceof JsonNull || token instanceof JsonString || token instanceof JsonLong)) {
            return Optional.of("_meta.progressToken must be a string or a whole number");
        }
        return notAnObject(params, "arguments").or(() -> notAnObject(params, "_meta"));
    }

    private static Optional<String> setLevel(JsonObject params) {
        return params.members().get("level") instanceof JsonString(String level)
                        && Arrays.stream(LoggingLevel.values())
                                .anyMatch(known ->
                                        known.name().toLowerCase(Locale.ROOT).equals(level))
                ? Optional.empty()
                : Optional.of("logging/setLevel needs level, one of the eight of syslog in lower case");
    }

    private static Optional<String> notAnObject(JsonObject params, String name) {
        JsonValue value = params.members().get(name);
        return value == null || value instanceof JsonNull || value instanceof JsonObject
                ? Optional.empty()
                : Optional.of(name + " must be an object");
    }

    private static JsonValue progressToken(JsonObject params) {
        JsonValue token = params.members().get("_meta") instanceof JsonObject meta
                ? meta.members().get("progressToken")
                : null;
        return token == null ? new JsonNull() : token;
    }

    private static JsonObject response(Object id, ToolResult result) {
        JsonArray content = new JsonArray(List.of(JsonObject.builder()
                .put("type", "text")
                .put("text", Json.write(result.payload()))
                .build()));
        return JsonObject.builder()
                .put("jsonrpc", "2.0")
                .put("id", RpcError.json(id))
                .put(
                        "result",
                        JsonObject.builder()
                                .put("content", content)
                                .put("isError", new JsonBoolean(result.failed()))
                                .build())
                .build();
    }
}
