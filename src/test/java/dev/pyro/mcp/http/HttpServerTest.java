package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.LocalPyro;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the HTTP server lets through and how it answers the rest, over real connections; no machine runs. */
class HttpServerTest {
    private static final String TOKEN = "test-token";
    private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

    @TempDir
    Path folder;

    private HttpServer server;
    private HttpMcpClient client;
    private int port;

    @BeforeEach
    void start() {
        server = server(0);
        server.start();
        port = URI.create(server.url()).getPort();
        client = new HttpMcpClient(server.url(), TOKEN);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private HttpServer server(int onPort) {
        Toolbox toolbox = new Toolbox(
                LocalPyro.open(Map.of(
                        "PYRO_CACHE_DIR",
                        folder.resolve("cache").toString(),
                        "PYRO_STATE_DIR",
                        folder.resolve("state").toString())),
                ToolProfile.WORKSPACE_FULL);
        return new HttpServer(
                toolbox,
                "test",
                new HttpSettings(
                        InetAddress.ofLiteral("127.0.0.1"),
                        onPort,
                        List.of("proxy.example.org"),
                        BearerToken.of("the test", TOKEN)));
    }

    @Test
    void aSessionListsToolsAndEnds() {
        client.initialize();
        HttpResponse<String> tools = client.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
        assertThat(tools.statusCode()).isEqualTo(200);
        assertThat(tools.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(HttpMcpClient.messages(tools.body()).toList())
                .singleElement()
                .satisfies(message ->
                        assertThat(message.object("result").array("tools")).isNotEmpty());
        assertThat(client.delete().statusCode()).isEqualTo(200);
        assertFailure(client.post(PING), 404, -32001);
        assertFailure(client.delete(), 404, -32001);
    }

    @Test
    void aToolThatThereIsNotIsAFailedTool() {
        client.initialize();
        HttpResponse<String> answer = client.post(HttpMcpClient.toolCall(1, "vm_fly", "{}"));
        assertThat(HttpMcpClient.messages(answer.body()).toList())
                .singleElement()
                .satisfies(message -> {
                    assertThat(message.object("result").bool("isError")).isTrue();
                    assertThat(Json.write(message.object("result").object()))
                            .contains("vm_fly")
                            .doesNotContain("structuredContent");
                });
    }

    @Test
    void aResponseTellsNothingOfTheServersInside() {
        HttpResponse<String> answer = client.post(PING);
        assertThat(answer.headers().map()).doesNotContainKeys("server", "x-powered-by", "access-control-allow-origin");
        assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer wrong", "Basic test-token", "test-token"})
    void withoutTheTokenNothingIsDone(String authorization) throws IOException {
        for (String method : List.of("POST", "GET", "DELETE", "OPTIONS", "PUT")) {
            String header = authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n";
            String answer = raw(method + " /mcp HTTP/1.1", header + "Content-Length: 0\r\n", "");
            assertThat(answer)
                    .startsWith("HTTP/1.1 401 ")
                    .contains("WWW-Authenticate: Bearer\r\n")
                    .doesNotContain(TOKEN);
        }
        assertThat(raw("POST /mcp?token=test-token&access_token=test-token HTTP/1.1", "Content-Length: 0\r\n", ""))
                .startsWith("HTTP/1.1 401 ");
    }

    @ParameterizedTest
    @CsvSource({
        "evil.example.com, 421",
        "evil.example.com:PORT, 421",
        "localhost, 421",
        "localhost:1, 421",
        "localhost:PORT, 200",
        "127.0.0.1:PORT, 200",
        "[::1]:PORT, 200",
        "proxy.example.org, 200"
    })
    void onlyRequestsForUsAreAnswered(String host, int status) throws IOException {
        String answer = exchange(
                "GET /health HTTP/1.1\r\nHost: " + host.replace("PORT", "" + port) + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void aRequestWithoutOrWithTwoHostsIsRefused() throws IOException {
        assertThat(exchange("GET /health HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 421 ");
        assertThat(exchange("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /health HTTP/1.1", "Host: localhost:" + port + "\r\n", ""))
                .startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET http://evil.example.com/health HTTP/1.1", "", "")).startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example.com, 403",
        "null, 403",
        "http://localhost:1, 403",
        "http://127.0.0.1:PORT, 200",
        "https://proxy.example.org, 200"
    })
    void onlyPagesOfOurOwnAreAnswered(String origin, int status) throws IOException {
        String header = "Origin: " + origin.replace("PORT", "" + port) + "\r\n";
        assertThat(raw("GET /health HTTP/1.1", header, "")).startsWith("HTTP/1.1 " + status + " ");
        String authorization = "Authorization: Bearer " + TOKEN + "\r\n";
        assertThat(raw("OPTIONS /mcp HTTP/1.1", header + authorization, ""))
                .startsWith("HTTP/1.1 " + (status == 200 ? 405 : status) + " ")
                .doesNotContainIgnoringCase("access-control");
    }

    @Test
    void healthNeedsNoTokenAndTellsNothing() throws IOException {
        String answer = raw("GET /health HTTP/1.1", "", "");
        assertThat(answer)
                .startsWith("HTTP/1.1 200 ")
                .contains("Content-Type: application/json")
                .endsWith("\r\n\r\n{\"status\":\"ok\"}");
        assertThat(raw("POST /health HTTP/1.1", "Content-Length: 0\r\n", ""))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET\r\n");
        assertThat(raw("GET / HTTP/1.1", "", "")).startsWith("HTTP/1.1 404 ");
        assertThat(raw("GET /mcp/../health HTTP/1.1", "", "")).startsWith("HTTP/1.1 4");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nonsense",
                "{",
                "[]",
                "[" + PING + "]",
                "{}",
                "1",
                "null",
                "{\"jsonrpc\":\"2.0\"}",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
                "{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{}}"
            })
    void whatIsNoMessageIsABadRequest(String body) {
        client.initialize();
        assertFailure(client.post(body), 400, null);
        assertThat(client.post(PING).statusCode()).as("the session goes on").isEqualTo(200);
    }

    @Test
    void deepAndBrokenTextsAreBadRequests() {
        client.initialize();
        assertFailure(client.post("[".repeat(100_000)), 400, null);
        assertFailure(client.post("{\"a\":".repeat(100_000)), 400, null);
        assertFailure(
                client.send(client.request()
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xff, '"', '}'}))),
                400,
                -32700);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"protocolVersion\":7}", "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":7}", "[]"
            })
    void anInitializeThatIsNoneBeginsNoSession(String params) {
        HttpResponse<String> answer =
                client.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":" + params + "}");
        assertThat(answer.headers().firstValue("mcp-session-id")).isEmpty();
        assertThat(Json.parseObject(answer.body()).object("error").string("message"))
                .isNotEmpty();
        assertNoInsides(answer.body());
    }

    @Test
    void bodiesAreBounded() throws IOException {
        client.initialize();
        byte[] large = new byte[RequestBody.MAX_BYTES + 1];
        assertFailure(
                client.send(client.request()
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))),
                413,
                null);
        String declared = raw("POST /mcp HTTP/1.1", passing() + "Content-Length: 99999999999\r\n", "");
        assertThat(declared).startsWith("HTTP/1.1 413 ").contains("\"jsonrpc\":\"2.0\"");
        assertThat(client.post(PING + " ".repeat(RequestBody.MAX_BYTES - PING.length()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void headersAreBounded() throws IOException {
        String answer = raw("GET /health HTTP/1.1", "X-Long: " + "a".repeat(10_000) + "\r\n", "");
        assertThat(answer).startsWith("HTTP/1.1 431 ").contains("\"jsonrpc\":\"2.0\"");
        assertNoInsides(answer);
        assertThat(exchange("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ").doesNotContain("org.eclipse");
    }

    @Test
    void headersAreChecked() {
        client.initialize();
        HttpRequest.Builder text =
                client.request().header("Content-Type", "text/plain").POST(BodyPublishers.ofString(PING));
        assertFailure(client.send(text), 415, null);
        assertFailure(client.send(client.message(PING).setHeader("Accept", "application/json")), 406, null);
        assertFailure(client.send(client.message(PING).setHeader("MCP-Protocol-Version", "1999-01-01")), 400, null);
        assertThat(client.send(client.message(PING).setHeader("MCP-Protocol-Version", "2025-06-18"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(client.send(client.message(PING).setHeader("Accept", "*/*")).statusCode())
                .isEqualTo(200);
        assertFailure(client.send(client.message(PING).setHeader("Mcp-Session-Id", "other")), 404, -32001);
        assertFailure(new HttpMcpClient(server.url(), TOKEN).post(PING), 400, -32600);
        HttpResponse<String> put = client.send(client.request().PUT(BodyPublishers.ofString(PING)));
        assertFailure(put, 405, null);
        assertThat(put.headers().firstValue("allow")).hasValue("POST, GET, DELETE");
    }

    @Test
    void sessionsAreBounded() {
        for (int i = 0; i < SessionTable.MAX_SESSIONS; i++) {
            assertThat(client.post(HttpMcpClient.INITIALIZE).statusCode()).isEqualTo(200);
        }
        assertFailure(client.post(HttpMcpClient.INITIALIZE), 503, null);
    }

    @Test
    void aTakenPortIsNamed() {
        try (HttpServer second = server(port)) {
            assertThatThrownBy(second::start)
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ADDRESS_UNAVAILABLE))
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("--port");
        }
    }

    @Test
    void aClosedServerAnswersNobodyAndClosesAgain() throws IOException {
        server.close();
        server.close();
        assertThatThrownBy(() -> raw("GET /health HTTP/1.1", "", "")).isInstanceOf(IOException.class);
    }

    private String passing() {
        return "Authorization: Bearer " + TOKEN
                + "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n";
    }

    private String raw(String line, String headers, String body) throws IOException {
        return exchange(line + "\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n" + headers + "\r\n" + body);
    }

    private String exchange(String request) throws IOException {
        return HttpMcpClient.exchange(port, request.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertFailure(HttpResponse<String> answer, int status, @Nullable Integer code) {
        assertThat(answer.statusCode()).as(answer::body).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        JsonReader message = Json.parseObject(answer.body());
        assertThat(message.string("jsonrpc")).isEqualTo("2.0");
        assertThat(message.object("error").string("message")).isNotEmpty();
        if (code != null) {
            assertThat(message.object("error").integer("code")).isEqualTo(code);
        }
        assertNoInsides(answer.body());
    }

    private static void assertNoInsides(String body) {
        assertThat(body).doesNotContain("Exception", "jackson", "org.eclipse", "\\tat ", "dev.pyro");
    }
}
