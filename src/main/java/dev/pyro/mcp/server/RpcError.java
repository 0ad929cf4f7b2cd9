package dev.pyro.mcp.server;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.payload.ByteText;
import io.modelcontextprotocol.spec.McpSchema.ErrorCodes;
import org.jspecify.annotations.Nullable;

/**
 * A fault of the protocol, as JSON-RPC reports it. What a tool fails with is no such fault, but a result.
 *
 * @param code one of JSON-RPC's
 * @param message for whoever wrote the client
 */
public record RpcError(int code, String message) {
    /** The text is no JSON. */
    public static RpcError parse(String message) {
        return new RpcError(ErrorCodes.PARSE_ERROR, message);
    }

    /** It is JSON, and no message that can be taken now. */
    public static RpcError invalidRequest(String message) {
        return new RpcError(ErrorCodes.INVALID_REQUEST, message);
    }

    /** There is no such method. */
    public static RpcError methodNotFound(String message) {
        return new RpcError(ErrorCodes.METHOD_NOT_FOUND, message);
    }

    /** The method does not take these parameters. */
    public static RpcError invalidParams(String message) {
        return new RpcError(ErrorCodes.INVALID_PARAMS, message);
    }

    /** A defect in this server. */
    public static RpcError internal(String message) {
        return new RpcError(ErrorCodes.INTERNAL_ERROR, message);
    }

    /**
     * Returns the response. The SDK cannot write it when there is no id.
     *
     * @param id a {@link String} or a {@link Long}, or null when nobody knows which request it is about
     */
    public JsonObject response(@Nullable Object id) {
        return JsonObject.builder()
                .put("jsonrpc", "2.0")
                .put("id", json(id))
                .put(
                        "error",
                        JsonObject.builder()
                                .put("code", code)
                                .put("message", ByteText.visible(message))
                                .build())
                .build();
    }

    /** Returns a request's id as JSON. */
    static JsonValue json(@Nullable Object id) {
        return switch (id) {
            case null -> new JsonNull();
            case Number number -> new JsonLong(number.longValue());
            default -> new JsonString(ByteText.visible(id.toString()));
        };
    }
}
