package dev.pyro.mcp.http;

import dev.pyro.mcp.server.ProtocolRevisions;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What each request passes before a message of it is looked at: host, origin, path, token, method and headers. */
final class HttpEndpoint extends Handler.Abstract {
    static final String PATH = "/mcp";
    static final String HEALTH_PATH = "/health";

    private static final String VERSION_HEADER = "MCP-Protocol-Version";
    static final int MAX_BODIES_BYTES = 3 * RequestBody.MAX_BYTES;

    private final HostCheck hosts;
    private final Predicate<List<String>> authorized;
    private final HttpTransport transport;
    private final ConnectionReaper connections;
    private final BodyBudget bodies = new BodyBudget(MAX_BODIES_BYTES);
    private volatile boolean stopping;

    /** @param authorized judges the values of the {@code Authorization} headers */
    HttpEndpoint(
            HostCheck hosts,
            Predicate<List<String>> authorized,
            HttpTransport transport,
            ConnectionReaper connections) {
        this.hosts = hosts;
        this.authorized = authorized;
        this.transport = transport;
        this.connections = connections;
    }

    /** From now on, every request is refused. */
    void refuseRequests() {
        stopping = true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        connections.busy(request);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        guarded(response, callback, () -> route(request, response, callback));
        return true;
    }

    private static void guarded(Response response, Callback callback, Runnable work) {
        try {
            work.run();
        } catch (HttpFailure e) {
            JsonReply.failure(response, callback, e);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            JsonReply.failure(response, callback, HttpTransport.inside(e));
        }
    }

    private void route(Request request, Response response, Callback callback) {
        checkCaller(request);
        String path = request.getHttpURI().getPath();
        if (stopping) {
            throw new HttpFailure(HttpStatus.SERVICE_UNAVAILABLE_503, HttpFailure.REFUSED, "the server is stopping");
        }
        if (HEALTH_PATH.equals(path)) {
            health(request, response, callback);
            return;
        }
        if (!PATH.equals(path)) {
            throw new HttpFailure(
                    HttpStatus.NOT_FOUND_404,
                    HttpFailure.INVALID_REQUEST,
                    "there is nothing here; the server is at " + PATH);
        }
        if (!authorized.test(request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION))) {
            throw new HttpFailure(
                    HttpStatus.UNAUTHORIZED_401,
                    HttpFailure.REFUSED,
                    "the header \"Authorization: Bearer TOKEN\" is missing, or the token is another",
                    "WWW-Authenticate",
                    "Bearer");
        }
        checkVersion(request);
        String session = request.getHeaders().get(HttpTransport.SESSION_HEADER);
        switch (request.getMethod()) {
            case "POST" -> post(session, request, response, callback);
            case "GET" -> {
                requireAccepted(request, EventStream.EVENTS);
                transport.listen(session, request, response, callback);
            }
            case "DELETE" -> transport.delete(session, response, callback);
            default -> throw wrongMethod("POST, GET, DELETE");
        }
    }

    private void checkCaller(Request request) {
        InetSocketAddress local =
                (InetSocketAddress) request.getConnectionMetaData().getLocalSocketAddress();
        if (!hosts.isOurs(request.getHeaders().getValuesList(HttpHeader.HOST), local)) {
            throw new HttpFailure(
                    HttpStatus.MISDIRECTED_REQUEST_421,
                    HttpFailure.REFUSED,
                    "the Host header names another server; pyro mcp serve --allowed-host adds names");
        }
        if (!hosts.isOwnOrigin(request.getHeaders().getValuesList(HttpHeader.ORIGIN), local)) {
            throw new HttpFailure(
                    HttpStatus.FORBIDDEN_403,
                    HttpFailure.REFUSED,
                    "requests from web pages of this origin are not answered");
        }
    }

    private static void health(Request request, Response response, Callback callback) {
        if (!request.getMethod().equals("GET")) {
            throw wrongMethod("GET");
        }
        JsonReply.text(response, callback, HttpStatus.OK_200, "{\"status\":\"ok\"}");
    }

    private void post(@Nullable String session, Request request, Response response, Callback callback) {
        requireAccepted(request, EventStream.EVENTS);
        requireAccepted(request, JsonReply.JSON);
        if (!JsonReply.JSON.equals(mediaType(request.getHeaders().get(HttpHeader.CONTENT_TYPE)))) {
            throw new HttpFailure(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE_415,
                    HttpFailure.INVALID_REQUEST,
                    "Content-Type must be " + JsonReply.JSON);
        }
        BodyBudget.Share share = bodies.share();
        Request.addCompletionListener(request, failure -> share.release());
        RequestBody.read(request, share, (body, failure) -> {
            if (body != null) {
                guarded(response, callback, () -> transport.receive(body, session, request, response, callback));
            } else if (failure != null) {
                JsonReply.failure(response, callback, failure);
            }
            // The text is no more, although the call may go on for long: others may be read meanwhile, its own
            // cancellation too.
            share.release();
        });
    }

    private static void checkVersion(Request request) {
        String version = request.getHeaders().get(VERSION_HEADER);
        if (version != null && !ProtocolRevisions.SPOKEN.contains(version)) {
            throw new HttpFailure(
                    HttpStatus.BAD_REQUEST_400,
                    HttpFailure.INVALID_REQUEST,
                    VERSION_HEADER + " must be one of " + String.join(", ", ProtocolRevisions.SPOKEN));
        }
    }

    private static void requireAccepted(Request request, String type) {
        String family = type.substring(0, type.indexOf('/')) + "/*";
        boolean accepted = request.getHeaders().getFields(HttpHeader.ACCEPT).stream()
                .map(HttpField::getValueList)
                .flatMap(List::stream)
                .map(HttpEndpoint::mediaType)
                .anyMatch(range -> type.equals(range) || family.equals(range) || "*/*".equals(range));
        if (!accepted) {
            throw new HttpFailure(
                    HttpStatus.NOT_ACCEPTABLE_406, HttpFailure.INVALID_REQUEST, "the Accept header must name " + type);
        }
    }

    /** Returns a header's value without its parameters. */
    private static @Nullable String mediaType(@Nullable String value) {
        if (value == null) {
            return null;
        }
        int parameters = value.indexOf(';');
        return (parameters < 0 ? value : value.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
    }

    private static HttpFailure wrongMethod(String allowed) {
        return new HttpFailure(
                HttpStatus.METHOD_NOT_ALLOWED_405,
                HttpFailure.INVALID_REQUEST,
                "methods here: " + allowed,
                "Allow",
                allowed);
    }
}
