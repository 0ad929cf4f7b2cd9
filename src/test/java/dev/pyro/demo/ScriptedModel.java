package dev.pyro.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model server on loopback that answers from a script and keeps what it was asked. */
public final class ScriptedModel implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Deque<Answer> script = new ArrayDeque<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** What was asked. */
    public record Request(String method, String path, String authorization, JsonReader body) {
        /** Returns the messages of the talk so far. */
        public List<JsonReader> messages() {
            return body.array("messages").stream()
                    .map(message -> new JsonReader((JsonObject) message))
                    .toList();
        }
    }

    /** Answers one request. */
    @FunctionalInterface
    public interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    public ScriptedModel(Answer... answers) throws IOException {
        script.addAll(List.of(answers));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    authorization == null ? "" : authorization,
                    Json.parseObject(body)));
            Answer answer;
            synchronized (script) {
                answer = script.isEmpty() ? status(500, "the script has ended") : script.removeFirst();
            }
            answer.to(exchange);
        }
    }

    /** Returns where it listens. */
    public String baseUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    /** Returns what it was asked. */
    public List<Request> requests() {
        return requests;
    }

    /** Answers with a text. */
    public static Answer says(String text) {
        return completion(JsonObject.builder()
                .put("role", "assistant")
                .put("content", text)
                .build());
    }

    /** Answers with a call of a tool, whose arguments may be anything. */
    public static Answer calls(String id, String name, JsonValue arguments) {
        JsonObject call = JsonObject.builder()
                .put("id", id)
                .put("type", "function")
                .put(
                        "function",
                        JsonObject.builder()
                                .put("name", name)
                                .put("arguments", arguments)
                                .build())
                .build();
        return completion(JsonObject.builder()
                .put("role", "assistant")
                .put("content", (String) null)
                .put("tool_calls", new JsonArray(List.of(call)))
                .build());
    }

    private static Answer completion(JsonObject message) {
        JsonObject choice = JsonObject.builder()
                .put("index", 0)
                .put("message", message)
                .put("finish_reason", "stop")
                .build();
        return body(
                "application/json",
                Json.write(JsonObject.builder()
                        .put("object", "chat.completion")
                        .put("choices", new JsonArray(List.of(choice)))
                        .build()));
    }

    /** Answers with any text. */
    public static Answer body(String type, String text) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", type);
            send(exchange, 200, text);
        };
    }

    /** Answers with a failure. */
    public static Answer status(int status, String text) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/");
            send(exchange, status, text);
        };
    }

    /** Answers without an end, as fast as it is read. */
    public static Answer endless() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = "x".repeat(64 * 1024).getBytes(UTF_8);
            try (OutputStream out = exchange.getResponseBody()) {
                while (true) {
                    out.write(block);
                }
            }
        };
    }

    /** Begins an answer and then waits for the server's end. */
    public static Answer stalls() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                Thread.currentThread().join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Breaks the connection. */
    public static Answer breaksOff() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
        };
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
