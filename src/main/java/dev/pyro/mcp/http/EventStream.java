package dev.pyro.mcp.http;

import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import reactor.core.publisher.Mono;

/**
 * One stream of server-sent events, the answer to one request. What is sent is queued and written as fast as the client reads; nobody
 * waits for it. Events have no ids: a stream that broke cannot be resumed. Safe for use by several threads.
 */
final class EventStream implements McpStreamableServerTransport {
    static final String EVENTS = "text/event-stream";

    /** Progress that a slow reader has not read is dropped beyond so many messages: there will be newer. */
    private static final int MAX_QUEUED_PROGRESS = 16;

    /** A reader that lets more than so many messages wait has stopped reading. */
    private static final int MAX_QUEUED = 1024;

    private static final String PROGRESS = "notifications/progress";
    private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.UTF_8);

    private final McpJsonMapper mapper;
    private final Response response;
    private final Callback callback;
    private final Consumer<EventStream> whenOver;
    private final Queue<ByteBuffer> queue = new ArrayDeque<>();
    private final Writer writer = new Writer();
    private boolean writing;
    private boolean finishing;
    private boolean answered;
    private boolean broken;

    /** @param whenOver is told once when no more can be written */
    EventStream(
            McpJsonMapper mapper,
            Request request,
            Response response,
            Callback callback,
            Consumer<EventStream> whenOver) {
        this.mapper = mapper;
        this.response = response;
        this.callback = callback;
        this.whenOver = whenOver;
        // Waiting is what a stream does. When something cannot be written for that long, the write fails.
        request.addIdleTimeoutListener(timeout -> false);
    }

    /** Sends the head of the response. */
    void open() {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, EVENTS);
        // For proxies that would keep events until there are enough of them.
        response.getHeaders().put("X-Accel-Buffering", "no");
        enqueue(new byte[0], MAX_QUEUED);
    }

    /** Writes something that clients ignore, so that proxies do not give up and a client that has left is noticed. */
    void keepAlive() {
        synchronized (this) {
            if (writing || !queue.isEmpty()) {
                return;
            }
        }
        enqueue(COMMENT, MAX_QUEUED);
    }

    /** Tells, when the stream is over, whether the client has not got all of its answer. */
    synchronized boolean isBroken() {
        return broken || !answered;
    }

    /** Ends the stream when all that was sent is written. */
    void finish() {
        synchronized (this) {
            finishing = true;
        }
        writer.iterate();
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return Mono.fromRunnable(() -> send(message));
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message, String id) {
        return sendMessage(message);
    }

    private void send(JSONRPCMessage message) {
        boolean progress = message instanceof JSONRPCNotification notification
                && notification.method().equals(PROGRESS);
        String json;
        try {
            json = mapper.writeValueAsString(message);
        } catch (IOException e) {
            throw new IllegalStateException("a message of the server's own is no JSON", e);
        }
        if (message instanceof JSONRPCResponse) {
            synchronized (this) {
                answered = true;
            }
        }
        enqueue(
                ("event: message\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8),
                progress ? MAX_QUEUED_PROGRESS : MAX_QUEUED);
    }

    private void enqueue(byte[] event, int most) {
        synchronized (this) {
            if (finishing || broken || queue.size() >= most) {
                return;
            }
            queue.add(ByteBuffer.wrap(event));
        }
        writer.iterate();
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return mapper.convertValue(data, type);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.fromRunnable(this::finish);
    }

    @Override
    public void close() {
        finish();
    }

    /** Writes one event after the other, as Jetty wants it. */
    private final class Writer extends IteratingCallback {
        @Override
        protected Action process() {
            ByteBuffer next;
            synchronized (EventStream.this) {
                next = queue.poll();
                writing = next != null;
                if (next == null) {
                    return finishing ? Action.SUCCEEDED : Action.IDLE;
                }
            }
            response.write(false, next, this);
            return Action.SCHEDULED;
        }

        @Override
        protected void onCompleteSuccess() {
            callback.succeeded();
            whenOver.accept(EventStream.this);
        }

        @Override
        protected void onCompleteFailure(Throwable cause) {
            synchronized (EventStream.this) {
                broken = true;
                queue.clear();
            }
            callback.failed(cause);
            whenOver.accept(EventStream.this);
        }
    }
}
