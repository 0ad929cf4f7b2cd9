package dev.pyro.mcp.http;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.server.CallRegistry;
import dev.pyro.mcp.server.PlainJson;
import dev.pyro.mcp.server.ProtocolRevisions;
import dev.pyro.mcp.server.RpcMessage;
import dev.pyro.mcp.server.ToolServer;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.InitializeRequest;
import io.modelcontextprotocol.spec.McpSchema.InitializeResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Brings the messages of requests that have passed all checks to the SDK's sessions. Safe for use by several threads.
 *
 * <p>A call whose stream broke is cancelled: a stream cannot be resumed here, so that nobody would ever see what comes of it.
 */
final class HttpTransport implements McpStreamableServerTransportProvider {
    static final String SESSION_HEADER = "Mcp-Session-Id";

    private static final Logger LOG = LoggerFactory.getLogger(HttpTransport.class);
    private static final String CANCELLED = "notifications/cancelled";

    private final MessageRules rules;
    private final McpJsonMapper mapper;
    private final CallRegistry calls;
    private final SessionTable sessions;
    private McpStreamableServerSession.@Nullable Factory factory;

    HttpTransport(MessageRules rules, CallRegistry calls, SessionTable sessions) {
        this.rules = rules;
        this.mapper = rules.mapper();
        this.calls = calls;
        this.sessions = sessions;
    }

    @Override
    public void setSessionFactory(McpStreamableServerSession.Factory factory) {
        this.factory = factory;
    }

    @Override
    public List<String> protocolVersions() {
        return ProtocolRevisions.SPOKEN;
    }

    /**
     * Handles one message of a client.
     *
     * @param body what was sent
     * @param session the id of the session that it names
     * @throws HttpFailure when it is no message, or for no session; nothing is answered then
     */
    void receive(String body, @Nullable String session, Request request, Response response, Callback callback) {
        switch (RpcMessage.parse(body)) {
            case RpcMessage.Broken broken ->
                JsonReply.document(response, callback, HttpStatus.BAD_REQUEST_400, broken.response());
            case RpcMessage.Request message -> {
                boolean initialize = message.method().equals(McpSchema.METHOD_INITIALIZE);
                HttpSession client = initialize ? null : sessions.require(session);
                Optional<JsonObject> answer = rules.answers().apply(message);
                if (answer.isPresent()) {
                    JsonReply.document(response, callback, HttpStatus.OK_200, answer.get());
                } else if (client == null) {
                    initialize(message, response, callback);
                } else {
                    call(client, message, request, response, callback);
                }
            }
            case RpcMessage.Notification notification ->
                notice(sessions.require(session), notification, response, callback);
            case RpcMessage.Response _ -> answered(sessions.require(session), body, response, callback);
        }
    }

    /** Opens the stream on which a client hears what belongs to none of its requests. */
    void listen(@Nullable String session, Request request, Response response, Callback callback) {
        HttpSession client = sessions.require(session);
        EventStream stream = new EventStream(mapper, request, response, callback, client::closed);
        client.open(stream);
        McpStreamableServerSession.McpStreamableServerSessionStream _ =
                client.protocol().listeningStream(stream);
    }

    /** Ends a session and all that its client has called. */
    void delete(@Nullable String session, Response response, Callback callback) {
        sessions.remove(sessions.require(session));
        JsonReply.status(response, callback, HttpStatus.OK_200);
    }

    private void initialize(RpcMessage.Request request, Response response, Callback callback) {
        JsonObject params = rules.initialize().apply(request.params());
        McpStreamableServerSession.McpStreamableServerSessionInit start = Objects.requireNonNull(factory)
                .startSession(mapper.convertValue(PlainJson.of(params), new TypeRef<InitializeRequest>() {}));
        HttpSession session = new HttpSession(start.session(), calls);
        sessions.add(session);
        start.initResult().subscribe(result -> welcome(session, request.id(), result, response, callback), e -> {
            sessions.remove(session);
            JsonReply.failure(response, callback, inside(e));
        });
    }

    private void welcome(
            HttpSession session, Object id, InitializeResult result, Response response, Callback callback) {
        try {
            String json = mapper.writeValueAsString(JSONRPCResponse.result(id, result));
            response.getHeaders().put(SESSION_HEADER, session.id());
            JsonReply.text(response, callback, HttpStatus.OK_200, json);
        } catch (IOException e) {
            sessions.remove(session);
            JsonReply.failure(response, callback, inside(e));
        }
    }

    private void call(
            HttpSession client, RpcMessage.Request message, Request request, Response response, Callback callback) {
        // Not the key: another request may have the same id. It also holds when the stream breaks before the call
        // begins.
        CallRegistry.Ticket ticket = new CallRegistry.Ticket(new CallRegistry.Key(client.id(), message.id()));
        EventStream stream = new EventStream(mapper, request, response, callback, over -> {
            client.closed(over);
            if (over.isBroken()) {
                calls.cancel(ticket);
            }
        });
        client.open(stream);
        Map<String, Object> context = Map.of(ToolServer.CALL_KEY, ticket);
        client.protocol()
                .responseStream(stream)
                .handle(new JSONRPCRequest(message.method(), message.id(), PlainJson.of(message.params())))
                .contextWrite(write -> write.put(McpTransportContext.KEY, McpTransportContext.create(context)))
                .subscribe(_ -> {}, e -> {
                    LOG.error("a request could not be answered", e);
                    stream.finish();
                });
    }

    private void notice(
            HttpSession client, RpcMessage.Notification notification, Response response, Callback callback) {
        if (notification.method().equals(CANCELLED)) {
            Object id = RpcMessage.usable(notification.params().members().get("requestId"));
            if (id != null) {
                calls.cancel(new CallRegistry.Key(client.id(), id));
            }
            JsonReply.status(response, callback, HttpStatus.ACCEPTED_202);
            return;
        }
        accept(
                client.protocol()
                        .accept(new JSONRPCNotification(notification.method(), PlainJson.of(notification.params()))),
                response,
                callback);
    }

    /** This server asks for nothing; what the SDK is extended by may. */
    private void answered(HttpSession client, String body, Response response, Callback callback) {
        try {
            if (McpSchema.deserializeJsonRpcMessage(mapper, body) instanceof JSONRPCResponse answer) {
                accept(client.protocol().accept(answer), response, callback);
                return;
            }
        } catch (IOException | RuntimeException e) {
            // It looked like a response.
            unacceptable(response, callback);
            return;
        }
        unacceptable(response, callback);
    }

    private static void accept(Mono<Void> accepted, Response response, Callback callback) {
        accepted.subscribe(
                _ -> {},
                _ -> unacceptable(response, callback),
                () -> JsonReply.status(response, callback, HttpStatus.ACCEPTED_202));
    }

    private static void unacceptable(Response response, Callback callback) {
        JsonReply.failure(
                response,
                callback,
                new HttpFailure(
                        HttpStatus.BAD_REQUEST_400,
                        HttpFailure.INVALID_REQUEST,
                        "the message cannot be accepted; a response must be to a request of this server that still waits for it"));
    }

    /** Notes what went wrong for whoever runs the server, and returns what the client is told. */
    static HttpFailure inside(Throwable defect) {
        LOG.error("a request could not be handled", defect);
        return new HttpFailure(HttpStatus.INTERNAL_SERVER_ERROR_500, HttpFailure.INTERNAL_ERROR, "a defect in Pyro");
    }

    @Override
    public Mono<Void> notifyClients(String method, Object parameters) {
        return Mono.fromRunnable(() -> sessions.forEach(session ->
                session.protocol().sendNotification(method, parameters).subscribe(_ -> {}, _ -> {})));
    }

    @Override
    public Mono<Void> notifyClient(String session, String method, Object parameters) {
        return sessions.require(session).protocol().sendNotification(method, parameters);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.fromRunnable(() -> sessions.forEach(sessions::remove));
    }
}
