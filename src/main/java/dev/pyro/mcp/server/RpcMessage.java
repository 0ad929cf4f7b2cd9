package dev.pyro.mcp.server;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.Arguments;
import dev.pyro.payload.ByteText;
import org.jspecify.annotations.Nullable;

/** What one JSON text is as a message of JSON-RPC 2.0, as MCP narrows it down: no batches, ids are strings or whole numbers. */
public sealed interface RpcMessage {
    /** The longest message that is taken: a file or a patch of a mebibyte fits, unless most of it must be escaped. */
    int MAX_BYTES = 4 * 1024 * 1024;

    /**
     * Asks for something.
     *
     * @param id a {@link String} or a {@link Long}
     * @param params empty when there were none
     */
    record Request(Object id, String method, JsonObject params) implements RpcMessage {}

    /** Says something that wants no answer; {@code params} is empty when there were none. */
    record Notification(String method, JsonObject params) implements RpcMessage {}

    /** Answers a request. This server sends none. */
    record Response() implements RpcMessage {}

    /**
     * None of these.
     *
     * @param id that of the request that it seems to be, or null
     */
    record Broken(@Nullable Object id, RpcError error) implements RpcMessage {}

    /** Reads a text; never throws. */
    static RpcMessage parse(String text) {
        JsonValue document;
        try {
            document = Json.parseBounded(text);
        } catch (JsonFormatException e) {
            return new Broken(null, RpcError.parse("this is no JSON within the bounds: " + brief(e)));
        }
        if (!(document instanceof JsonObject message)) {
            return new Broken(
                    null,
                    RpcError.invalidRequest(
                            "a message must be a JSON object; batches belong to no revision of MCP that is spoken here"));
        }
        return of(message);
    }

    private static RpcMessage of(JsonObject message) {
        JsonValue id = message.members().get("id");
        Object usable = usable(id);
        boolean answers =
                message.members().containsKey("result") || message.members().containsKey("error");
        JsonValue method = message.members().get("method");
        if (method == null && answers) {
            return new Response();
        }
        if (!new JsonString("2.0").equals(message.members().get("jsonrpc"))) {
            return new Broken(usable, RpcError.invalidRequest("jsonrpc must be \"2.0\""));
        }
        if (!(method instanceof JsonString(String name)) || name.isEmpty()) {
            return new Broken(usable, RpcError.invalidRequest("method must be a string that is not empty"));
        }
        if (id != null && usable == null) {
            return new Broken(
                    null, RpcError.invalidRequest("id must be a string of whole characters or a whole number"));
        }
        JsonValue params = message.members().get("params");
        JsonObject given;
        if (params == null) {
            given = JsonObject.builder().build();
        } else if (params instanceof JsonObject object) {
            given = object;
        } else {
            return new Broken(usable, RpcError.invalidRequest("params must be an object"));
        }
        return usable == null ? new Notification(name, given) : new Request(usable, name, given);
    }

    /** Returns the value of an id that a request may have, or null. */
    static @Nullable Object usable(@Nullable JsonValue id) {
        return switch (id) {
            // Half a character cannot be sent back.
            case JsonString(String text) when ByteText.visible(text).equals(text) -> text;
            case JsonLong(long number) -> number;
            case null, default -> null;
        };
    }

    private static String brief(JsonFormatException e) {
        String message = e.getMessage();
        return message == null ? "" : Arguments.printable(message);
    }
}
