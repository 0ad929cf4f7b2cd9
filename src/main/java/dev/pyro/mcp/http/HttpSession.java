package dev.pyro.mcp.http;

import dev.pyro.mcp.server.CallRegistry;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One client: the SDK's session with the streams that are open for it. Safe for use by several threads. */
final class HttpSession {
    private final McpStreamableServerSession protocol;
    private final CallRegistry calls;
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
    private final Object opening = new Object();
    /** Guarded by {@link #opening}. */
    private boolean ended;

    private volatile long lastUsedNanos = System.nanoTime();

    HttpSession(McpStreamableServerSession protocol, CallRegistry calls) {
        this.protocol = protocol;
        this.calls = calls;
    }

    String id() {
        return protocol.getId();
    }

    McpStreamableServerSession protocol() {
        return protocol;
    }

    /** Notes that the client was heard of. */
    void touch() {
        lastUsedNanos = System.nanoTime();
    }

    /**
     * Opens a stream, unless the session has ended: nobody would ever finish it then. Whoever opened it says so when it is over.
     *
     * @throws HttpFailure when the session has ended; nothing is written then
     */
    void open(EventStream stream) {
        // One that can be found is open: finishing it before would let it write into a response that is over.
        synchronized (opening) {
            if (ended) {
                throw SessionTable.gone();
            }
            streams.add(stream);
            stream.open();
        }
    }

    /** Notes that a stream is over. */
    void closed(EventStream stream) {
        streams.remove(stream);
        touch();
    }

    /** Returns for how long nothing was heard of the client; 0 while it has a stream. */
    long idleNanos() {
        return streams.isEmpty() ? System.nanoTime() - lastUsedNanos : 0;
    }

    /** Writes something on each stream. */
    void keepAlive() {
        streams.forEach(EventStream::keepAlive);
    }

    /** Cancels what the client has called and ends its streams. */
    void end() {
        synchronized (opening) {
            ended = true;
        }
        calls.cancelAll(id());
        protocol.close();
        streams.forEach(EventStream::finish);
    }
}
