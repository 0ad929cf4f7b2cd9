package dev.pyro.mcp.http;

import dev.pyro.mcp.Toolbox;
import dev.pyro.mcp.server.CallRegistry;
import dev.pyro.mcp.server.ToolServer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import io.modelcontextprotocol.server.McpServer;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves several clients over streamable HTTP. Safe for use by several threads. */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int MAX_CONNECTIONS = 128;

    /** Of one header block; a longer one is answered by 431. */
    private static final int MAX_HEADER_BYTES = 8 * 1024;

    private static final int BUFFER_BYTES = 8 * 1024;

    /** Tools run on threads of their own; these only read, hand over and write. */
    private static final int MAX_THREADS = 16;

    private static final int MIN_THREADS = 3;
    private static final int THREAD_IDLE_MILLIS = 30_000;
    /** Longer than clients keep connections for a next request: one that is closed then makes it fail. */
    private static final Duration CONNECTION_IDLE_BOUND = Duration.ofSeconds(60);

    /** How often streams are kept alive and the idle are looked for. A client that left is noticed at the second write. */
    private static final Duration TICK = Duration.ofSeconds(5);

    /** How long calls under way may take when the server stops, before they are cancelled. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** How long cancelled calls may take to clean up. */
    private static final Duration CLEANUP_BOUND = Duration.ofSeconds(10);

    private final HttpSettings settings;
    private final Duration tick;
    private final CallRegistry calls = new CallRegistry();
    private final SessionTable sessions = new SessionTable();
    private final ConnectionReaper connections = new ConnectionReaper();
    private final ScheduledThreadPoolExecutor ticks;
    private final HttpEndpoint endpoint;
    private final Server server;
    private final ServerConnector connector;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean closed;

    /** Makes a server that offers these tools; {@link #start} starts it. */
    public HttpServer(Toolbox toolbox, String version, HttpSettings settings) {
        this(toolbox, version, settings, TICK);
    }

    /** Makes a server that looks after its streams at another pace. */
    HttpServer(Toolbox toolbox, String version, HttpSettings settings, Duration tick) {
        this(
                settings,
                tick,
                settings.token()::isShownBy,
                MessageRules.of(toolbox),
                (specification, calls) -> new ToolServer(toolbox, calls, version).configure(specification));
    }

    /**
     * Makes a server that offers something else.
     *
     * @param tick how often streams are kept alive and the idle are looked for
     * @param authorized judges the values of a request's {@code Authorization} headers
     * @param features puts what is offered into the SDK's builder
     */
    HttpServer(
            HttpSettings settings,
            Duration tick,
            Predicate<List<String>> authorized,
            MessageRules rules,
            BiConsumer<McpServer.AsyncSpecification<?>, CallRegistry> features) {
        this.settings = settings;
        this.tick = tick;
        HttpTransport transport = new HttpTransport(rules, calls, sessions);
        McpServer.AsyncSpecification<?> specification = McpServer.async(transport);
        features.accept(specification, calls);
        specification.build();
        endpoint = new HttpEndpoint(new HostCheck(settings.allowedHosts()), authorized, transport, connections);
        server = new Server(threads());
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration()));
        connector.setHost(settings.address().getHostAddress());
        connector.setPort(settings.port());
        connector.setIdleTimeout(CONNECTION_IDLE_BOUND.toMillis());
        connector.addBean(connections);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        server.setHandler(endpoint);
        server.setErrorHandler(new JsonErrors());
        ticks = new ScheduledThreadPoolExecutor(
                1, work -> Thread.ofPlatform().name("http-ticks").daemon().unstarted(work));
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS, THREAD_IDLE_MILLIS);
        threads.setName("http");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        return threads;
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setOutputBufferSize(BUFFER_BYTES);
        http.setInputBufferSize(BUFFER_BYTES);
        return http;
    }

    /**
     * Starts to listen.
     *
     * @throws PyroException {@link ErrorCode#ADDRESS_UNAVAILABLE} when the address cannot be had
     */
    public void start() {
        try {
            server.start();
        } catch (IOException e) {
            close();
            throw new PyroException(
                    ErrorCode.ADDRESS_UNAVAILABLE,
                    "cannot listen on " + authority(settings.address(), settings.port()) + " (" + reason(e)
                            + "): choose another --port, or 0 for any free one",
                    e);
        } catch (Exception e) {
            close();
            throw new PyroException(ErrorCode.INTERNAL, "the HTTP server did not start: " + e, e);
        }
        ScheduledFuture<?> _ =
                ticks.scheduleWithFixedDelay(this::tick, tick.toMillis(), tick.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String reason(IOException failure) {
        Throwable cause = failure.getCause();
        return cause == null ? String.valueOf(failure.getMessage()) : String.valueOf(cause.getMessage());
    }

    private void tick() {
        attempt(() -> sessions.forEach(HttpSession::keepAlive));
        attempt(sessions::expire);
        attempt(connections::reap);
    }

    /** What fails once is tried again at the next tick: the executor would drop it, and none of the others is to miss its turn. */
    private static void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a periodic task of the HTTP server failed", e);
        }
    }

    /** Returns the URL that clients use; the server must have been started. */
    public String url() {
        return "http://" + authority(settings.address(), connector.getLocalPort()) + HttpEndpoint.PATH;
    }

    private static String authority(InetAddress address, int port) {
        String host = address.getHostAddress();
        return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
    }

    /** Waits until the server was closed. */
    public void awaitClose() throws InterruptedException {
        stopped.await();
    }

    /** Stops to accept, lets calls end for a moment, cancels those that do not, and waits until they have cleaned up. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        endpoint.refuseRequests();
        connector.close();
        calls.close();
        try {
            if (!calls.awaitNone(GRACE)) {
                sessions.forEach(session -> calls.cancelAll(session.id()));
                calls.awaitNone(CLEANUP_BOUND);
            }
            sessions.forEach(sessions::remove);
            server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new PyroException(ErrorCode.INTERNAL, "the HTTP server did not stop: " + e, e);
        } finally {
            ticks.shutdownNow();
            stopped.countDown();
        }
    }
}
