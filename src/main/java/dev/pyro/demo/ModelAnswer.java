package dev.pyro.demo;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a model said, read with care: models and small servers take liberties with the form.
 *
 * @param text what it said to the user, possibly empty
 * @param calls the tools that it calls
 */
record ModelAnswer(String text, List<Call> calls) {
    /** More calls in one answer than this are not made. */
    static final int MAX_CALLS = 8;

    ModelAnswer {
        calls = List.copyOf(calls);
    }

    /**
     * A call of a tool.
     *
     * @param id what the server calls it, made up where it has none
     * @param name the tool
     * @param arguments as the model wrote them, perhaps no JSON
     */
    record Call(String id, String name, String arguments) {}

    /**
     * Reads the first choice of a chat completion.
     *
     * @throws JsonFormatException when there is none
     */
    static ModelAnswer of(JsonReader completion) {
        List<JsonValue> choices = completion.array("choices");
        if (choices.isEmpty() || !(choices.getFirst() instanceof JsonObject choice)) {
            throw new JsonFormatException("it has no choices");
        }
        JsonReader message = new JsonReader(choice).object("message");
        List<Call> calls = new ArrayList<>();
        if (message.find("tool_calls").isPresent()) {
            for (JsonValue element : message.array("tool_calls")) {
                if (!(element instanceof JsonObject call)) {
                    throw new JsonFormatException("a tool call is no object");
                }
                if (calls.size() < MAX_CALLS) {
                    calls.add(call(new JsonReader(call), calls.size()));
                }
            }
        }
        return new ModelAnswer(Objects.requireNonNullElse(message.nullableString("content"), ""), calls);
    }

    private static Call call(JsonReader call, int index) {
        JsonReader function = call.object("function");
        String arguments = switch (function.find("arguments").orElse(null)) {
            case null -> "{}";
            case JsonString(String text) -> text;
            case JsonValue value -> Json.write(value);
        };
        String id = call.find("id").isPresent() ? call.string("id") : "";
        return new Call(id.isEmpty() ? "call_" + index : id, function.string("name"), arguments);
    }

    /** Returns the message that goes back to the server as part of the talk. */
    JsonObject toMessage() {
        JsonValue.Builder message =
                JsonObject.builder().put("role", "assistant").put("content", text);
        if (!calls.isEmpty()) {
            message.put(
                    "tool_calls",
                    new JsonArray(calls.stream()
                            .map(call -> (JsonValue) JsonObject.builder()
                                    .put("id", call.id())
                                    .put("type", "function")
                                    .put(
                                            "function",
                                            JsonObject.builder()
                                                    .put("name", call.name())
                                                    .put("arguments", call.arguments())
                                                    .build())
                                    .build())
                            .toList()));
        }
        return message.build();
    }
}
