package dev.pyro.mcp.http;

import dev.pyro.mcp.server.CallRegistry;
import dev.pyro.mcp.server.ToolServer;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.InitializeRequest;
import io.modelcontextprotocol.spec.McpSchema.InitializeResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.ProtocolVersions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Brings the messages of requests that have passed all checks to the SDK's sessions. Safe for use by several threads.
 *
 * <p>A call whose stream broke is cancelled: a stream cannot be resumed here, so that nobody would ever see what comes of it.
 */
final class HttpTransport implements McpStreamableServerTransportProvider {
    static final String SESSION_HEADER = "Mcp-Session-Id";

    /** The newest one last: it is offered to clients that ask for one that is not here. */
    static final List<String> VERSIONS = List.of(
            ProtocolVersions.MCP_2024_11_05,
            ProtocolVersions.MCP_2025_03_26,
            ProtocolVersions.MCP_2025_06_18,
            ProtocolVersions.MCP_2025_11_25);

    private static final String CANCELLED = "notifications/cancelled";

    private final McpJsonMapper mapper;
    private final CallRegistry calls;
    private final SessionTable sessions;
    private McpStreamableServerSession.@Nullable Factory factory;

    HttpTransport(McpJsonMapper mapper, CallRegistry calls, SessionTable sessions) {
        this.mapper = mapper;
        this.calls = calls;
        this.sessions = sessions;
    }

    @Override
    public void setSessionFactory(McpStreamableServerSession.Factory factory) {
        this.factory = factory;
    }

    @Override
    public List<String> protocolVersions() {
        return VERSIONS;
    }

    /**
     * Handles one message of a client.
     *
     * @param body what was sent
     * @param session the id of the session that it names
     * @throws HttpFailure when it is no message, or for no session; nothing is answered then
     */
    void receive(String body, @Nullable String session, Request request, Response response, Callback callback) {
        JSONRPCMessage message = parse(body);
        if (message instanceof JSONRPCRequest initialize && initialize.method().equals(McpSchema.METHOD_INITIALIZE)) {
            initialize(initialize, response, callback);
            return;
        }
        HttpSession client = sessions.require(session);
        if (message instanceof JSONRPCRequest call) {
            call(client, call, request, response, callback);
        } else if (message instanceof JSONRPCNotification notification) {
            if (notification.method().equals(CANCELLED)) {
                cancel(client, notification);
                JsonReply.status(response, callback, HttpStatus.ACCEPTED_202);
            } else {
                accept(client.protocol().accept(notification), response, callback);
            }
        } else if (message instanceof JSONRPCResponse answer) {
            accept(client.protocol().accept(answer), response, callback);
        }
    }

    /** Opens the stream on which a client hears what belongs to none of its requests. */
    void listen(@Nullable String session, Request request, Response response, Callback callback) {
        HttpSession client = sessions.require(session);
        EventStream stream = new EventStream(mapper, request, response, callback, client::closed);
        client.opened(stream);
        McpStreamableServerSession.McpStreamableServerSessionStream _ =
                client.protocol().listeningStream(stream);
        stream.open();
    }

    /** Ends a session and all that its client has called. */
    void delete(@Nullable String session, Response response, Callback callback) {
        sessions.remove(sessions.require(session));
        JsonReply.status(response, callback, HttpStatus.OK_200);
    }

    private JSONRPCMessage parse(String body) {
        if (body.stripLeading().startsWith("[")) {
            throw new HttpFailure(
                    HttpStatus.BAD_REQUEST_400,
                    HttpFailure.INVALID_REQUEST,
                    "send one message at a time: there are no batches");
        }
        try {
            return McpSchema.deserializeJsonRpcMessage(mapper, body);
        } catch (IOException e) {
            throw new HttpFailure(HttpStatus.BAD_REQUEST_400, HttpFailure.PARSE_ERROR, "the body is no JSON object");
        } catch (RuntimeException e) {
            throw new HttpFailure(
                    HttpStatus.BAD_REQUEST_400, HttpFailure.INVALID_REQUEST, "the body is no JSON-RPC 2.0 message");
        }
    }

    private void initialize(JSONRPCRequest request, Response response, Callback callback) {
        McpStreamableServerSession.McpStreamableServerSessionInit start;
        try {
            InitializeRequest parameters = mapper.convertValue(request.params(), new TypeRef<InitializeRequest>() {});
            start = Objects.requireNonNull(factory).startSession(parameters);
        } catch (RuntimeException e) {
            throw new HttpFailure(
                    HttpStatus.BAD_REQUEST_400,
                    HttpFailure.INVALID_REQUEST,
                    "initialize lacks protocolVersion, capabilities or clientInfo");
        }
        HttpSession session = new HttpSession(start.session(), calls);
        sessions.add(session);
        start.initResult().subscribe(result -> welcome(session, request.id(), result, response, callback), failure -> {
            sessions.remove(session);
            JsonReply.failure(response, callback, inside());
        });
    }

    private void welcome(
            HttpSession session, Object id, InitializeResult result, Response response, Callback callback) {
        try {
            String json = mapper.writeValueAsString(JSONRPCResponse.result(id, result));
            response.getHeaders().put(SESSION_HEADER, session.id());
            JsonReply.document(response, callback, json);
        } catch (IOException e) {
            JsonReply.failure(response, callback, inside());
        }
    }

    private void call(
            HttpSession client, JSONRPCRequest message, Request request, Response response, Callback callback) {
        CallRegistry.Key key = new CallRegistry.Key(client.id(), message.id());
        EventStream stream = new EventStream(mapper, request, response, callback, over -> {
            client.closed(over);
            if (over.isBroken()) {
                calls.cancel(key);
            }
        });
        client.opened(stream);
        stream.open();
        Map<String, Object> context = Map.of(ToolServer.CALL_KEY, key);
        client.protocol()
                .responseStream(stream)
                .handle(message)
                .contextWrite(write -> write.put(McpTransportContext.KEY, McpTransportContext.create(context)))
                .subscribe(_ -> {}, failure -> stream.finish());
    }

    private void cancel(HttpSession client, JSONRPCNotification notification) {
        if (notification.params() instanceof Map<?, ?> parameters) {
            Object id = parameters.get("requestId");
            if (id != null) {
                calls.cancel(new CallRegistry.Key(client.id(), id));
            }
        }
    }

    private static void accept(Mono<Void> accepted, Response response, Callback callback) {
        accepted.subscribe(
                _ -> {},
                failure -> JsonReply.error(
                        response,
                        callback,
                        HttpStatus.BAD_REQUEST_400,
                        HttpFailure.INVALID_REQUEST,
                        "the message cannot be accepted; a response must be to a request of this server that still waits for it"),
                () -> JsonReply.status(response, callback, HttpStatus.ACCEPTED_202));
    }

    static HttpFailure inside() {
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
