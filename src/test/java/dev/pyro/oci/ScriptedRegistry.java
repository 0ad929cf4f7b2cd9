package dev.pyro.oci;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A registry that does what it is told to: each request for something takes the next fault that was planned for it, and is served well after the last. */
final class ScriptedRegistry implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();
    private final Map<String, Queue<Answer>> plans = new ConcurrentHashMap<>();
    private final List<Request> requests = Collections.synchronizedList(new java.util.ArrayList<>());
    private final AtomicInteger uploads = new AtomicInteger();

    /** How one request is answered. */
    @FunctionalInterface
    interface Answer {
        void give(HttpExchange exchange, byte[] content) throws IOException;
    }

    /** One request that came. */
    record Request(String method, String path, String range, String authorization, String body) {}

    ScriptedRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Returns {@code 127.0.0.1:PORT}. */
    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** Puts an image there. */
    ScriptedRegistry with(String repository, String tag, SmallImage image) {
        put("/v2/" + repository + "/manifests/" + tag, image.manifest());
        put("/v2/" + repository + "/manifests/" + Sha256.of(image.manifest()), image.manifest());
        putBlob(repository, image.config());
        image.layers().forEach(layer -> putBlob(repository, layer));
        return this;
    }

    private void putBlob(String repository, byte[] bytes) {
        put("/v2/" + repository + "/blobs/" + Sha256.of(bytes), bytes);
    }

    void put(String path, byte[] bytes) {
        content.put(path, bytes);
    }

    /** Plans how the next requests for something are answered. */
    void plan(String path, Answer... answers) {
        plans.computeIfAbsent(path, key -> new ArrayDeque<>()).addAll(List.of(answers));
    }

    /** Returns the requests whose path contains a text. */
    List<Request> requests(String part) {
        return requests.stream()
                .filter(request -> request.path().contains(part))
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        requests.add(new Request(
                exchange.getRequestMethod(),
                path,
                header(exchange, "Range"),
                header(exchange, "Authorization"),
                new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1)));
        try (exchange) {
            String key = exchange.getRequestURI().getPath();
            Queue<Answer> plan = plans.getOrDefault(key, new ArrayDeque<>());
            Answer next;
            synchronized (plan) {
                next = plan.poll();
            }
            byte[] bytes = content.get(key);
            if (next != null) {
                next.give(exchange, bytes == null ? new byte[0] : bytes);
            } else if (exchange.getRequestMethod().equals("POST") && key.endsWith("/uploads/")) {
                exchange.getResponseHeaders().add("Location", key + uploads.incrementAndGet() + "?state=a%2Fb");
                exchange.sendResponseHeaders(202, -1);
            } else if (exchange.getRequestMethod().equals("PUT")) {
                exchange.sendResponseHeaders(201, -1);
            } else if (key.equals("/v2/")) {
                exchange.sendResponseHeaders(200, -1);
            } else if (bytes == null) {
                status(404).give(exchange, new byte[0]);
            } else {
                good().give(exchange, bytes);
            }
        } catch (IOException e) {
            // The client has closed the connection: what some of these tests are about.
            return;
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
    }

    /** As it should be, with ranges. */
    static Answer good() {
        return (exchange, content) -> {
            Matcher range = RANGE.matcher(header(exchange, "Range"));
            if (!range.matches()) {
                send(exchange, 200, content, content.length);
                return;
            }
            int from = Integer.parseInt(range.group(1));
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            send(exchange, 206, Arrays.copyOfRange(content, from, content.length), content.length - from);
        };
    }

    /** Promises everything and breaks off after so many bytes. */
    static Answer cutAt(int bytes) {
        return (exchange, content) -> send(exchange, 200, Arrays.copyOf(content, bytes), content.length);
    }

    /** Everything, whatever was asked for. */
    static Answer whole() {
        return (exchange, content) -> send(exchange, 200, content, content.length);
    }

    /** Everything, as what was asked for. */
    static Answer wrongRange() {
        return (exchange, content) -> {
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes 0-" + (content.length - 1) + "/" + content.length);
            send(exchange, 206, content, content.length);
        };
    }

    /** Something else. */
    static Answer other(byte[] bytes) {
        return (exchange, content) -> send(exchange, 200, bytes, bytes.length);
    }

    /** Never ends, and does not say how long it is. */
    static Answer endless() {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[64 << 10];
            while (true) {
                exchange.getResponseBody().write(piece);
            }
        };
    }

    /** Gives some bytes, and then nothing. */
    Answer stallAt(int bytes) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, bytes);
            exchange.getResponseBody().flush();
            hold();
        };
    }

    /** Gives what was asked for in pieces, and waits after each. */
    Answer dripping(int bytes, Duration pause) {
        return (exchange, content) -> {
            Matcher range = RANGE.matcher(header(exchange, "Range"));
            int at = range.matches() ? Integer.parseInt(range.group(1)) : 0;
            if (at > 0) {
                exchange.getResponseHeaders()
                        .add("Content-Range", "bytes " + at + "-" + (content.length - 1) + "/" + content.length);
            }
            exchange.sendResponseHeaders(at > 0 ? 206 : 200, content.length - at);
            try (OutputStream out = exchange.getResponseBody()) {
                for (; at < content.length; at += bytes) {
                    out.write(content, at, Math.min(bytes, content.length - at));
                    out.flush();
                    if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Gives no answer. */
    Answer silent() {
        return (exchange, content) -> hold();
    }

    private void hold() throws IOException {
        try {
            if (!closing.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody has closed this registry");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A status with headers NAME=VALUE. */
    static Answer status(int status, String... headers) {
        return (exchange, content) -> {
            for (String header : headers) {
                int equals = header.indexOf('=');
                exchange.getResponseHeaders().add(header.substring(0, equals), header.substring(equals + 1));
            }
            byte[] body = "{\"errors\":[{\"code\":\"X\",\"message\":\"said so\"}]}"
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            send(exchange, status, body, body.length);
        };
    }

    /** Asks for an authorization until there is this one, and then goes on. */
    static Answer[] guarded(String challenge, String authorization, int times) {
        Answer[] answers = new Answer[times];
        Arrays.fill(answers, (Answer) (exchange, content) -> {
            if (header(exchange, "Authorization").equals(authorization)) {
                good().give(exchange, content);
            } else {
                status(401, "WWW-Authenticate=" + challenge).give(exchange, content);
            }
        });
        return answers;
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes, long length) throws IOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || length == 0 ? -1 : length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
                out.flush();
            }
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
