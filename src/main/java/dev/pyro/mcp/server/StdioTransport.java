package dev.pyro.mcp.server;

import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse.JSONRPCError;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The stdio transport: one JSON-RPC message a line. The SDK has one of its own, which ends the session at the first broken line.
 */
final class StdioTransport implements McpServerTransportProvider {
    /** The only session there is. */
    static final String SESSION = "stdio";

    private static final String CANCELLED = "notifications/cancelled";

    private final BufferedReader input;
    private final OutputStream output;
    private final CallRegistry calls;
    private @Nullable McpServerSession session;

    StdioTransport(InputStream input, OutputStream output, CallRegistry calls) {
        this.input = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        this.output = output;
        this.calls = calls;
    }

    @Override
    public void setSessionFactory(McpServerSession.Factory factory) {
        session = factory.create(new Sender());
    }

    /** Reads messages until the input ends. */
    void run() throws IOException {
        String line = input.readLine();
        while (line != null) {
            if (!line.isBlank()) {
                receive(line);
            }
            line = input.readLine();
        }
    }

    private void receive(String line) {
        JSONRPCMessage message;
        try {
            message = McpSchema.deserializeJsonRpcMessage(ToolServer.MAPPER, line);
        } catch (IOException | IllegalArgumentException e) {
            write(JSONRPCResponse.error(
                    null, new JSONRPCError(McpSchema.ErrorCodes.PARSE_ERROR, "the line is no JSON-RPC message", null)));
            return;
        }
        McpServerSession current = Objects.requireNonNull(session);
        if (message instanceof JSONRPCNotification notification
                && notification.method().equals(CANCELLED)) {
            Object id = notification.params() instanceof Map<?, ?> params ? params.get("requestId") : null;
            if (id != null) {
                calls.cancel(new CallRegistry.Key(SESSION, id));
            }
            return;
        }
        Map<String, Object> context = message instanceof JSONRPCRequest request
                ? Map.of(ToolServer.CALL_KEY, new CallRegistry.Key(SESSION, request.id()))
                : Map.of();
        current.handle(message)
                .contextWrite(write -> write.put(McpTransportContext.KEY, McpTransportContext.create(context)))
                .subscribe();
    }

    private synchronized void write(JSONRPCMessage message) {
        try {
            output.write((ToolServer.MAPPER.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8));
            output.flush();
        } catch (IOException e) {
            // The client has left; the end of the input says so, too.
            return;
        }
    }

    @Override
    public Mono<Void> notifyClients(String method, Object params) {
        return Objects.requireNonNull(session).sendNotification(method, params);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    /** The SDK's way out. */
    private final class Sender implements McpServerTransport {
        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message) {
            return Mono.fromRunnable(() -> write(message));
        }

        @Override
        public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
            return ToolServer.MAPPER.convertValue(data, type);
        }

        @Override
        public Mono<Void> closeGracefully() {
            return Mono.empty();
        }
    }
}
