package dev.pyro.clients;

import dev.pyro.clients.ModelScript.Answer;
import dev.pyro.clients.ModelScript.Turn;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The chat completions that OpenAI began and many servers speak, streamed. */
final class ChatCompletionsApi implements ModelApi {
    @Override
    public String path() {
        return "/v1/chat/completions";
    }

    @Override
    public Request read(JsonReader body) {
        List<String> tools = body.find("tools").isEmpty()
                ? List.of()
                : objects(body.array("tools"))
                        .map(tool -> tool.object("function").string("name"))
                        .toList();
        List<Answer> answers = objects(body.array("messages"))
                .filter(message -> message.string("role").equals("tool"))
                .map(message -> new Answer(message.string("content"), null))
                .toList();
        return new Request(tools, answers);
    }

    @Override
    public String stream(Turn turn, JsonReader body) {
        String model = body.string("model");
        return switch (turn) {
                    case Turn.Call call -> chunk(model, call(call), null) + chunk(model, nothing(), "tool_calls");
                    case Turn.Say(String text) ->
                        chunk(
                                        model,
                                        JsonObject.builder()
                                                .put("role", "assistant")
                                                .put("content", text),
                                        null)
                                + chunk(model, nothing(), "stop");
                }
                + "data: [DONE]\n\n";
    }

    private static JsonValue.Builder call(Turn.Call call) {
        JsonObject function = JsonObject.builder()
                .put("name", call.tool())
                .put("arguments", Json.write(call.arguments()))
                .build();
        JsonObject toolCall = JsonObject.builder()
                .put("index", 0)
                .put("id", call.id())
                .put("type", "function")
                .put("function", function)
                .build();
        return JsonObject.builder().put("role", "assistant").put("tool_calls", new JsonArray(List.of(toolCall)));
    }

    private static JsonValue.Builder nothing() {
        return JsonObject.builder();
    }

    private static String chunk(String model, JsonValue.Builder delta, @Nullable String finishReason) {
        JsonObject choice = JsonObject.builder()
                .put("index", 0)
                .put("delta", delta.build())
                .put("finish_reason", finishReason)
                .build();
        JsonObject usage = JsonObject.builder()
                .put("prompt_tokens", 1)
                .put("completion_tokens", 1)
                .put("total_tokens", 2)
                .build();
        return "data: "
                + Json.write(JsonObject.builder()
                        .put("id", "completion")
                        .put("object", "chat.completion.chunk")
                        .put("created", 1)
                        .put("model", model)
                        .put("choices", new JsonArray(List.of(choice)))
                        .put("usage", finishReason == null ? null : usage)
                        .build())
                + "\n\n";
    }

    private static Stream<JsonReader> objects(List<JsonValue> values) {
        return values.stream().map(value -> new JsonReader((JsonObject) value));
    }
}
