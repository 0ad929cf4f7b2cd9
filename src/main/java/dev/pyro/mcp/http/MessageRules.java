package dev.pyro.mcp.http;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.Toolbox;
import dev.pyro.mcp.server.RequestRules;
import dev.pyro.mcp.server.RpcMessage;
import dev.pyro.mcp.server.ToolServer;
import io.modelcontextprotocol.json.McpJsonMapper;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What stands between a client's messages and the SDK.
 *
 * @param mapper reads and writes messages
 * @param answers answers requests that the SDK is not to see
 * @param initialize returns what the SDK is given of the parameters of {@code initialize}
 */
record MessageRules(
        McpJsonMapper mapper,
        Function<RpcMessage.Request, Optional<JsonObject>> answers,
        UnaryOperator<JsonObject> initialize) {
    /** Those of the server over stdio. */
    static MessageRules of(Toolbox toolbox) {
        return new MessageRules(ToolServer.MAPPER, new RequestRules(toolbox)::answer, RequestRules::initializeParams);
    }
}
