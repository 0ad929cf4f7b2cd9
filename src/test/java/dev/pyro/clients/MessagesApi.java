package dev.pyro.clients;

import dev.pyro.clients.ModelScript.Answer;
import dev.pyro.clients.ModelScript.Turn;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Anthropic's Messages API, streamed. */
final class MessagesApi implements ModelApi {
    @Override
    public String path() {
        return "/v1/messages";
    }

    @Override
    public Request read(JsonReader body) {
        List<String> tools = body.find("tools").isEmpty()
                ? List.of()
                : objects(body.array("tools")).map(tool -> tool.string("name")).toList();
        List<Answer> answers = objects(body.array("messages"))
                .flatMap(message -> message.find("content").orElseThrow() instanceof JsonArray(var blocks)
                        ? objects(blocks)
                        : Stream.empty())
                .filter(block -> block.string("type").equals("tool_result"))
                .map(MessagesApi::answer)
                .toList();
        return new Request(tools, answers);
    }

    private static Answer answer(JsonReader result) {
        boolean isError =
                result.find("is_error").orElse(new JsonBoolean(false)) instanceof JsonBoolean(boolean truth) && truth;
        String text = result.find("content").orElseThrow() instanceof JsonArray(var blocks)
                ? objects(blocks).map(block -> block.string("text")).collect(Collectors.joining())
                : result.string("content");
        return new Answer(text, isError);
    }

    @Override
    public String stream(Turn turn, JsonReader body) {
        return event("message_start", JsonObject.builder().put("message", message(body.string("model"))))
                + switch (turn) {
                    case Turn.Call call ->
                        block(
                                        JsonObject.builder()
                                                .put("type", "tool_use")
                                                .put("id", call.id())
                                                .put("name", call.tool())
                                                .put(
                                                        "input",
                                                        JsonObject.builder().build()),
                                        JsonObject.builder()
                                                .put("type", "input_json_delta")
                                                .put("partial_json", Json.write(call.arguments())))
                                + end("tool_use");
                    case Turn.Say(String text) ->
                        block(
                                        JsonObject.builder().put("type", "text").put("text", ""),
                                        JsonObject.builder()
                                                .put("type", "text_delta")
                                                .put("text", text))
                                + end("end_turn");
                }
                + event("message_stop", JsonObject.builder());
    }

    private static JsonObject message(String model) {
        // Clients take messages of one identifier for parts of one message.
        return JsonObject.builder()
                .put("id", "msg_" + UUID.randomUUID())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model)
                .put("content", new JsonArray(List.of()))
                .put("stop_reason", (String) null)
                .put("stop_sequence", (String) null)
                .put(
                        "usage",
                        JsonObject.builder()
                                .put("input_tokens", 1)
                                .put("output_tokens", 1)
                                .build())
                .build();
    }

    private static String block(JsonValue.Builder start, JsonValue.Builder delta) {
        return event("content_block_start", JsonObject.builder().put("index", 0).put("content_block", start.build()))
                + event(
                        "content_block_delta",
                        JsonObject.builder().put("index", 0).put("delta", delta.build()))
                + event("content_block_stop", JsonObject.builder().put("index", 0));
    }

    private static String end(String reason) {
        return event(
                "message_delta",
                JsonObject.builder()
                        .put(
                                "delta",
                                JsonObject.builder()
                                        .put("stop_reason", reason)
                                        .put("stop_sequence", (String) null)
                                        .build())
                        .put(
                                "usage",
                                JsonObject.builder().put("output_tokens", 1).build()));
    }

    private static String event(String name, JsonValue.Builder data) {
        return "event: " + name + "\ndata: " + Json.write(data.put("type", name).build()) + "\n\n";
    }

    private static Stream<JsonReader> objects(List<JsonValue> values) {
        return values.stream().map(value -> new JsonReader((JsonObject) value));
    }
}
