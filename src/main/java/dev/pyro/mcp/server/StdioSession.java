package dev.pyro.mcp.server;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Arguments;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The one session of a server over stdio: takes the client's lines and gives the SDK those that it can answer. The SDK has a transport of
 * its own, which ends the session at the first broken line, waits for ever when a client leaves out a step of the handshake, and does not
 * know {@code notifications/cancelled}.
 *
 * <p>Lines are taken by one thread; answers come from any.
 */
final class StdioSession implements McpServerTransportProvider {
    /** Its name in the registry of calls: there is no other. */
    static final String SESSION = "stdio";

    private static final Logger LOG = LoggerFactory.getLogger(StdioSession.class);
    private static final String CANCELLED = "notifications/cancelled";
    private static final List<String> METHODS = List.of(
            McpSchema.METHOD_INITIALIZE,
            McpSchema.METHOD_PING,
            McpSchema.METHOD_TOOLS_LIST,
            McpSchema.METHOD_TOOLS_CALL,
            McpSchema.METHOD_LOGGING_SET_LEVEL);

    private final Outbox outbox;
    private final CallRegistry calls;
    private final RequestRules rules;
    private @Nullable McpServerSession session;
    // Set on the thread that takes the lines, where the SDK answers initialize, too.
    private boolean initialized;

    StdioSession(Outbox outbox, CallRegistry calls, RequestRules rules) {
        this.outbox = outbox;
        this.calls = calls;
        this.rules = rules;
    }

    @Override
    public List<String> protocolVersions() {
        return ProtocolRevisions.SPOKEN;
    }

    @Override
    public void setSessionFactory(McpServerSession.Factory factory) {
        session = factory.create(new SdkTransport());
    }

    /** Takes one line; never throws, whatever it is. */
    void receive(LineReader.Line line) {
        try {
            switch (line) {
                case LineReader.Line.TooLong(Envelope envelope) ->
                    receive(envelope.refusal("the line is longer than " + RpcMessage.MAX_BYTES + " bytes"));
                case LineReader.Line.NotUtf8 _ -> refuse(null, RpcError.parse("the line is no UTF-8"));
                case LineReader.Line.Text(String text) when text.isBlank() -> {}
                case LineReader.Line.Text(String text) -> receive(RpcMessage.parse(text));
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            LOG.error("a message could not be handled", e);
            refuse(null, RpcError.internal("a defect in Pyro: " + e));
        }
    }

    private void receive(RpcMessage message) {
        switch (message) {
            case RpcMessage.Broken broken -> send(Json.write(broken.response()));
            // This server asks its client for nothing.
            case RpcMessage.Response _ -> {}
            case RpcMessage.Notification notification -> receive(notification);
            case RpcMessage.Request request -> {
                try {
                    receive(request);
                } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                    LOG.error("a request could not be handled", e);
                    refuse(request.id(), RpcError.internal("a defect in Pyro: " + e));
                }
            }
        }
    }

    private void receive(RpcMessage.Notification notification) {
        if (notification.method().equals(CANCELLED)) {
            Object id = RpcMessage.usable(notification.params().members().get("requestId"));
            if (id != null) {
                calls.cancel(new CallRegistry.Key(SESSION, id));
            }
        }
        // No other says anything that matters here; that the client is ready shows in its requests.
    }

    private void receive(RpcMessage.Request request) {
        String method = request.method();
        boolean initialize = method.equals(McpSchema.METHOD_INITIALIZE);
        if (initialize && initialized) {
            refuse(request.id(), RpcError.invalidRequest("the session is initialized already"));
        } else if (!METHODS.contains(method)) {
            refuse(
                    request.id(),
                    RpcError.methodNotFound("there is no method \"" + Arguments.printable(method) + "\" here"));
        } else if (!initialize && !initialized) {
            beforeInitialize(request);
        } else {
            Optional<JsonObject> answer = rules.answer(request);
            if (answer.isPresent()) {
                send(Json.write(answer.get()));
            } else {
                handle(request);
            }
        }
    }

    private void beforeInitialize(RpcMessage.Request request) {
        if (request.method().equals(McpSchema.METHOD_PING)) {
            // The SDK answers nothing before the handshake is over, although a ping may come at any time.
            send(Json.write(JsonObject.builder()
                    .put("jsonrpc", "2.0")
                    .put("id", RpcError.json(request.id()))
                    .put("result", JsonObject.builder().build())
                    .build()));
        } else {
            refuse(request.id(), RpcError.invalidRequest("the session has not begun: send initialize first"));
        }
    }

    private void handle(RpcMessage.Request request) {
        JsonObject params = request.method().equals(McpSchema.METHOD_INITIALIZE)
                ? RequestRules.initializeParams(request.params())
                : request.params();
        handle(
                new JSONRPCRequest(request.method(), request.id(), PlainJson.of(params)),
                Map.of(ToolServer.CALL_KEY, new CallRegistry.Ticket(new CallRegistry.Key(SESSION, request.id()))));
    }

    private void handle(JSONRPCMessage message, Map<String, Object> context) {
        Objects.requireNonNull(session)
                .handle(message)
                .contextWrite(write -> write.put(McpTransportContext.KEY, McpTransportContext.create(context)))
                .subscribe(_ -> {}, failure -> failed(message, failure));
    }

    private void failed(JSONRPCMessage message, Throwable failure) {
        if (outbox.failure() != null) {
            // The client has left.
            return;
        }
        LOG.error("a message could not be answered", failure);
        if (message instanceof JSONRPCRequest request) {
            refuse(request.id(), RpcError.internal("a defect in Pyro: " + failure));
        }
    }

    private void refuse(@Nullable Object id, RpcError error) {
        send(Json.write(error.response(id)));
    }

    private void send(String line) {
        try {
            outbox.send(line);
        } catch (IOException e) {
            // The client has left, which ends the session elsewhere.
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
    private final class SdkTransport implements McpServerTransport {
        @Override
        public Mono<Void> sendMessage(JSONRPCMessage message) {
            return Mono.fromRunnable(() -> {
                if (message instanceof JSONRPCResponse response
                        && response.result() instanceof McpSchema.InitializeResult) {
                    begin();
                }
                try {
                    outbox.send(ToolServer.MAPPER.writeValueAsString(message));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        /** The SDK holds back all requests until the client has said that it is ready; some clients never do. */
        private void begin() {
            initialized = true;
            handle(new JSONRPCNotification(McpSchema.METHOD_NOTIFICATION_INITIALIZED), Map.of());
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
