package dev.pyro.demo;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model server for chat completions. The server is not trusted: its answers are bounded in size and time. Not safe for use by
 * several threads.
 */
final class ChatClient implements AutoCloseable {
    static final int MAX_ANSWER_BYTES = 4 * 1024 * 1024;
    static final Duration CONNECT_BOUND = Duration.ofSeconds(10);

    /** A model on a processor without help takes minutes to read a prompt. */
    static final Duration ANSWER_BOUND = Duration.ofMinutes(5);

    private static final int HTTP_OK = 200;
    private static final int HTTP_UNAUTHORIZED = 401;
    private static final int HTTP_FORBIDDEN = 403;
    private static final int HTTP_NOT_FOUND = 404;
    private static final int HTTP_REDIRECTION = 300;
    private static final int HTTP_CLIENT_ERROR = 400;

    private final ModelServer server;
    private final Duration answerBound;
    private final HttpClient client;

    ChatClient(ModelServer server) {
        this(server, ANSWER_BOUND);
    }

    ChatClient(ModelServer server, Duration answerBound) {
        this.server = server;
        this.answerBound = answerBound;
        // Small servers do not know the upgrade to HTTP/2 that is the default.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_BOUND)
                .build();
    }

    /**
     * Sends a request and returns the answer.
     *
     * @throws PyroException {@link ErrorCode#MODEL_UNAVAILABLE} with what to do next, or {@link ErrorCode#INTERRUPTED}
     */
    JsonReader complete(JsonObject request) {
        HttpRequest.Builder post = HttpRequest.newBuilder(server.completions())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(request)));
        if (!server.apiKey().isEmpty()) {
            post.header("Authorization", "Bearer " + server.apiKey());
        }
        HttpResponse<byte[]> response = await(
                client.sendAsync(post.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES)));
        String body = new String(response.body(), StandardCharsets.UTF_8);
        if (response.statusCode() != HTTP_OK) {
            throw refused(response.statusCode(), body);
        }
        try {
            return Json.parseObject(body);
        } catch (JsonFormatException e) {
            boolean stream = body.startsWith("data:") || body.startsWith("event:") || body.startsWith(":");
            throw unavailable(
                    stream
                            ? "answers with a stream, though none was asked for; use a server that heeds \"stream\": false"
                            : "does not answer with a chat completion but with \"" + shown(body)
                                    + "\"; check that --base-url is that of an OpenAI-compatible interface",
                    e);
        }
    }

    private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> future) {
        try {
            return future.get(answerBound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "waiting for the model was interrupted", e);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw unavailable(
                    "did not answer within " + answerBound.toSeconds() + " s; try a smaller model with --model", e);
        } catch (ExecutionException e) {
            throw unreachable(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    private PyroException unreachable(Throwable cause) {
        if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
            return unavailable(
                    "cannot be reached; start it (`ollama serve`), or name another one with --base-url", cause);
        }
        if (cause instanceof IOException && String.valueOf(cause.getMessage()).contains("exceeds capacity")) {
            return unavailable(
                    "answers with more than " + MAX_ANSWER_BYTES + " bytes, which no chat completion has", cause);
        }
        return unavailable(
                "broke off: " + Arguments.printable(String.valueOf(cause.getMessage()))
                        + "; check that --base-url is that of an OpenAI-compatible interface",
                cause);
    }

    private PyroException refused(int status, String body) {
        String answer = "(its answer: \"" + shown(body) + "\")";
        return switch (status) {
            case HTTP_NOT_FOUND ->
                unavailable(
                        "does not know the model " + server.model() + " " + answer + "; get it with `ollama pull "
                                + server.model()
                                + "`, name another one with --model, or check that --base-url ends as it must, often in /v1",
                        null);
            case HTTP_UNAUTHORIZED, HTTP_FORBIDDEN ->
                unavailable(
                        "wants another API key than it got " + answer + "; set " + ModelServer.API_KEY_VARIABLE, null);
            default ->
                unavailable(
                        status >= HTTP_REDIRECTION && status < HTTP_CLIENT_ERROR
                                ? "sends elsewhere (status " + status + "); give that address with --base-url"
                                : "refuses with status " + status + " " + answer
                                        + "; look into its log, or try another model with --model",
                        null);
        };
    }

    private PyroException unavailable(String what, @Nullable Throwable cause) {
        return new PyroException(
                ErrorCode.MODEL_UNAVAILABLE, "the model server at " + server.baseUrl() + " " + what, cause);
    }

    /** A server may send the key back in its complaint. */
    private String shown(String body) {
        String text = server.apiKey().isEmpty() ? body : body.replace(server.apiKey(), "***");
        return Arguments.printable(text.strip());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
