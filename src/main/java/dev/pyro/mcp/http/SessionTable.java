package dev.pyro.mcp.http;

import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** The clients that there are. Their number is bounded, and who is not heard of for long is forgotten. Safe for use by several threads. */
final class SessionTable {
    static final int MAX_SESSIONS = 64;

    /** Clients make a new session when theirs is gone. */
    private static final Duration IDLE_BOUND = Duration.ofMinutes(30);

    /** Who was heard of within this time does not have to make room for others. */
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(10);

    private final ConcurrentHashMap<String, HttpSession> sessions = new ConcurrentHashMap<>();

    /**
     * Adds a session; when there are too many, the one that was idle for longest ends.
     *
     * @throws HttpFailure when none was idle
     */
    synchronized void add(HttpSession session) {
        while (sessions.size() >= MAX_SESSIONS) {
            remove(sessions.values().stream()
                    .filter(other -> other.idleNanos() > SHORTEST_LIFE.toNanos())
                    .max(Comparator.comparingLong(HttpSession::idleNanos))
                    .orElseThrow(() -> new HttpFailure(
                            HttpStatus.SERVICE_UNAVAILABLE_503,
                            HttpFailure.REFUSED,
                            "there are " + MAX_SESSIONS + " sessions, all in use; end one by DELETE",
                            "Retry-After",
                            "10")));
        }
        sessions.put(session.id(), session);
    }

    /**
     * Returns the session that a request names.
     *
     * @throws HttpFailure when it names none, or one that is gone
     */
    HttpSession require(@Nullable String id) {
        if (id == null) {
            throw new HttpFailure(
                    HttpStatus.BAD_REQUEST_400,
                    HttpFailure.INVALID_REQUEST,
                    "the header Mcp-Session-Id is missing; it comes with the answer to initialize");
        }
        HttpSession session = sessions.get(id);
        if (session == null) {
            throw gone();
        }
        session.touch();
        return session;
    }

    static HttpFailure gone() {
        return new HttpFailure(
                HttpStatus.NOT_FOUND_404,
                HttpFailure.NO_SESSION,
                "there is no such session (any more): initialize again");
    }

    /** Ends a session. */
    void remove(HttpSession session) {
        if (sessions.remove(session.id(), session)) {
            session.end();
        }
    }

    /** Ends those that were idle for too long. */
    void expire() {
        forEach(session -> {
            if (session.idleNanos() > IDLE_BOUND.toNanos()) {
                remove(session);
            }
        });
    }

    void forEach(Consumer<HttpSession> action) {
        sessions.values().forEach(action);
    }
}
