package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A client of the HTTP server with one session, on the JDK's HTTP client or on bare sockets. */
final class HttpMcpClient implements AutoCloseable {
    static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"test","version":"1"}}}""";

    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final int SOCKET_MILLIS = 20_000;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;
    private final String token;
    private String session = "";

    HttpMcpClient(String url, String token) {
        this.url = URI.create(url);
        this.token = token;
    }

    /** Begins the session. */
    HttpMcpClient initialize() {
        HttpResponse<String> answer = post(INITIALIZE);
        assertThat(answer.statusCode()).as(answer::body).isEqualTo(200);
        session = answer.headers().firstValue("mcp-session-id").orElseThrow();
        assertThat(post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")
                        .statusCode())
                .isEqualTo(202);
        return this;
    }

    String session() {
        return session;
    }

    /** Returns a request as all are that pass: the token, the session and what is accepted. */
    HttpRequest.Builder request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(BOUND)
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/json, text/event-stream");
        return session.isEmpty() ? request : request.header("Mcp-Session-Id", session);
    }

    /** Returns a request that brings a message. */
    HttpRequest.Builder message(String json) {
        return request().header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    HttpResponse<String> post(String json) {
        return send(message(json));
    }

    HttpResponse<String> delete() {
        return send(request().DELETE());
    }

    /** Calls a tool without waiting; the body comes when the stream is over. */
    CompletableFuture<HttpResponse<String>> call(int id, String tool, String arguments) {
        return http.sendAsync(message(toolCall(id, tool, arguments)).build(), BodyHandlers.ofString());
    }

    /** Calls a tool and returns the stream of its events as it comes; closing it leaves the server alone with the call. */
    InputStream openCall(int id, String tool, String arguments) throws IOException, InterruptedException {
        return http.send(message(toolCall(id, tool, arguments)).build(), BodyHandlers.ofInputStream())
                .body();
    }

    /** Opens the stream of the session without waiting; the body comes when it is over. */
    CompletableFuture<HttpResponse<String>> listen() {
        return http.sendAsync(request().GET().build(), BodyHandlers.ofString());
    }

    static String toolCall(int id, String tool, String arguments) {
        return """
                {"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":%s,\
                "_meta":{"progressToken":"p%d"}}}""".formatted(id, tool, arguments, id);
    }

    HttpResponse<String> cancel(int id) {
        return post(
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id + "}}");
    }

    /** Returns the messages of a body, which is a stream of events or one document. */
    static Stream<JsonReader> messages(String body) {
        if (body.startsWith("{")) {
            return Stream.of(Json.parseObject(body));
        }
        return body.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> Json.parseObject(line.substring("data: ".length())));
    }

    /** Sends bytes on a socket of its own and returns all that comes back until the server closes it. */
    static String exchange(int port, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SOCKET_MILLIS);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
