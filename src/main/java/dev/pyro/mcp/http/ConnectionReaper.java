package dev.pyro.mcp.http;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Closes connections that have had no complete request for too long, also those that send one letter now and then, which Jetty does not
 * regard as idle. Safe for use by several threads.
 */
final class ConnectionReaper implements Connection.Listener {
    private static final Duration BOUND = Duration.ofSeconds(75);

    /** In place of a time, while a request is handled. */
    private static final long BUSY = Long.MAX_VALUE;

    private final ConcurrentHashMap<EndPoint, Long> waitingSince = new ConcurrentHashMap<>();

    @Override
    public void onOpened(Connection connection) {
        waitingSince.put(connection.getEndPoint(), now());
    }

    @Override
    public void onClosed(Connection connection) {
        waitingSince.remove(connection.getEndPoint());
    }

    /** Notes that a request is handled, until it is over. */
    void busy(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        waitingSince.replace(endPoint, BUSY);
        Request.addCompletionListener(request, failure -> waitingSince.replace(endPoint, now()));
    }

    /** Closes those that have waited too long. */
    void reap() {
        long longest = now() - BOUND.toNanos();
        waitingSince.forEach((endPoint, since) -> {
            if (since < longest) {
                endPoint.close(new TimeoutException("no request within " + BOUND.toSeconds() + " s"));
            }
        });
    }

    private static long now() {
        return System.nanoTime();
    }
}
