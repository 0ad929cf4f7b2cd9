package dev.pyro.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatClientTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final JsonObject REQUEST =
            JsonObject.builder().put("model", "m").build();

    private static ModelAnswer ask(ScriptedModel model, String apiKey, Duration bound) {
        try (ChatClient client = new ChatClient(ModelServer.of(model.baseUrl(), "m:1", apiKey), bound)) {
            return ModelAnswer.of(client.complete(REQUEST));
        }
    }

    private static void assertUnavailable(ScriptedModel model, Duration bound, String... parts) {
        assertThatThrownBy(() -> ask(model, "sk-secret", bound))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_UNAVAILABLE))
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("sk-secret");
    }

    @Test
    void anAnswerIsRead() throws IOException {
        try (ScriptedModel model = new ScriptedModel(ScriptedModel.says("hello"))) {
            ModelAnswer answer = ask(model, "sk-secret", BOUND);
            assertThat(answer.text()).isEqualTo("hello");
            assertThat(answer.calls()).isEmpty();
            assertThat(model.requests()).singleElement().satisfies(request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.path()).isEqualTo("/v1/chat/completions");
                assertThat(request.authorization()).isEqualTo("Bearer sk-secret");
            });
        }
    }

    @Test
    void argumentsAreTakenAsTextAndAsObject() throws IOException {
        JsonObject arguments = JsonObject.builder().put("a", 1).build();
        try (ScriptedModel model = new ScriptedModel(
                ScriptedModel.calls("", "t", arguments), ScriptedModel.calls("x", "t", new JsonString("{\"a\":")))) {
            assertThat(ask(model, "", BOUND).calls()).containsExactly(new ModelAnswer.Call("call_0", "t", "{\"a\":1}"));
            assertThat(ask(model, "", BOUND).calls()).containsExactly(new ModelAnswer.Call("x", "t", "{\"a\":"));
            assertThat(model.requests())
                    .allMatch(request -> request.authorization().isEmpty());
        }
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        ScriptedModel.status(404, "model \"m:1\" not found"), List.of("ollama pull m:1", "--model")),
                Arguments.of(
                        ScriptedModel.status(401, "bad key sk-secret"), List.of("PYRO_DEMO_API_KEY", "bad key ***")),
                Arguments.of(ScriptedModel.status(500, "boom\u001b[2J"), List.of("500", "boom\\u001b")),
                Arguments.of(ScriptedModel.status(302, ""), List.of("302", "--base-url")),
                Arguments.of(ScriptedModel.body("text/html", "<html>"), List.of("<html>", "--base-url")),
                Arguments.of(ScriptedModel.body("application/json", ""), List.of("--base-url")),
                Arguments.of(
                        ScriptedModel.body("text/event-stream", "data: {\"choices\": []}\n\ndata: [DONE]\n\n"),
                        List.of("stream")),
                Arguments.of(ScriptedModel.endless(), List.of("more than")),
                Arguments.of(ScriptedModel.breaksOff(), List.of("broke off")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatIsNoAnswerIsOneMessageWithWhatToDo(ScriptedModel.Answer answer, List<String> parts) throws IOException {
        try (ScriptedModel model = new ScriptedModel(answer)) {
            assertUnavailable(model, BOUND, parts.toArray(String[]::new));
        }
    }

    @Test
    void aServerThatStallsIsLeft() throws IOException {
        try (ScriptedModel model = new ScriptedModel(ScriptedModel.stalls())) {
            assertUnavailable(model, Duration.ofSeconds(1), "within 1 s", "--model");
        }
    }

    @Test
    void aServerThatIsNotThereIsNamed() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        ModelServer server = ModelServer.of("http://127.0.0.1:" + port + "/v1/", "m", "");
        try (ChatClient client = new ChatClient(server)) {
            assertThatThrownBy(() -> client.complete(REQUEST))
                    .hasMessageContainingAll("http://127.0.0.1:" + port + "/v1 ", "ollama serve", "--base-url");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"choices\": []}",
                "{\"choices\": [1]}",
                "{\"choices\": [{\"message\": {\"tool_calls\": [1]}}]}",
                "{\"choices\": [{\"message\": {\"tool_calls\": [{}]}}]}",
                "{\"choices\": [{\"message\": {\"content\": 3}}]}"
            })
    void otherJsonIsNoCompletion(String body) throws IOException {
        try (ScriptedModel model = new ScriptedModel(ScriptedModel.body("application/json", body))) {
            assertThatThrownBy(() -> ask(model, "", BOUND)).isInstanceOf(JsonFormatException.class);
        }
    }

    @Test
    void onlyPlainUrlsAndSafeKeysAreTaken() {
        for (String url :
                List.of("ftp://h", "http://", "h:1", "http://u:p@h", "http://h/?a", "http://h/#a", "http://h h")) {
            assertThatThrownBy(() -> ModelServer.of(url, "m", ""))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
        }
        assertThatThrownBy(() -> ModelServer.of("http://example.org/v1", "m", "k"))
                .hasMessageContaining("https");
        assertThatThrownBy(() -> ModelServer.of("http://localhost/v1", "m", "a\nb"))
                .hasMessageNotContaining("a\nb");
        assertThatThrownBy(() -> ModelServer.of("http://localhost/v1", " ", "")).hasMessageContaining("name");
        assertThat(ModelServer.of("HTTPS://example.org/v1//", "m", "secret"))
                .hasToString("m at https://example.org/v1");
        assertThat(ModelServer.of("http://[::1]:1/v1", "m", "k").completions())
                .hasToString("http://[::1]:1/v1/chat/completions");
    }
}
