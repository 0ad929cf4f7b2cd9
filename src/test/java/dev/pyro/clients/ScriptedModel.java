package dev.pyro.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pyro.clients.ModelScript.Turn;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * A model server on loopback that plays a {@link ModelScript}. A request that offers no tools, such as one for a title, gets a
 * few words; a request for anything else fails the script.
 */
final class ScriptedModel implements AutoCloseable {
    private static final int MAX_REQUEST_BYTES = 16 * 1024 * 1024;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ModelApi api;
    private final String toolPrefix;
    private final ModelScript script;

    /**
     * Starts the server.
     *
     * @param toolPrefix what the client puts before the names of our tools
     */
    ScriptedModel(ModelApi api, String toolPrefix, ModelScript script) throws IOException {
        this.api = api;
        this.toolPrefix = toolPrefix;
        this.script = script;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Returns the address, without a path. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            if (!asked.startsWith("POST " + api.path())) {
                script.failed(new AssertionError("the client asked for something else: " + asked));
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES);
            byte[] events = turn(Json.parseObject(new String(body, StandardCharsets.UTF_8)))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, events.length);
            exchange.getResponseBody().write(events);
        } catch (RuntimeException | Error e) {
            script.failed(e);
            throw e;
        }
    }

    private String turn(JsonReader body) {
        ModelApi.Request request = api.read(body);
        if (request.tools().isEmpty()) {
            return api.stream(new Turn.Say("A conversation"), body);
        }
        Turn turn = script.next(ours(request.tools()), request.answers());
        return api.stream(
                switch (turn) {
                    case Turn.Call(var id, var tool, var arguments) -> new Turn.Call(id, toolPrefix + tool, arguments);
                    case Turn.Say say -> say;
                },
                body);
    }

    /** A tool that is not ours keeps its name, which no script expects. */
    private Set<String> ours(List<String> tools) {
        return tools.stream()
                .map(name -> name.startsWith(toolPrefix) ? name.substring(toolPrefix.length()) : name)
                .collect(Collectors.toSet());
    }
}
