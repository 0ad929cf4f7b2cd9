package dev.pyro.mcp.server;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonDouble;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Our JSON trees as the maps, lists and boxed values in which the SDK holds JSON, and back. Stateless. */
public final class PlainJson {
    /** One value's objects, beside its text. */
    private static final long VALUE_BYTES = 100;

    private PlainJson() {}

    /** Returns an object as a map, in the order of its members. */
    public static Map<String, @Nullable Object> of(JsonObject object) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        object.members().forEach((name, value) -> map.put(name, of(value)));
        return map;
    }

    private static @Nullable Object of(JsonValue value) {
        return switch (value) {
            case JsonObject object -> of(object);
            case JsonArray(List<JsonValue> elements) -> {
                List<@Nullable Object> list = new ArrayList<>(elements.size());
                elements.forEach(element -> list.add(of(element)));
                yield list;
            }
            case JsonString(String text) -> text;
            case JsonLong(long number) -> number;
            case JsonDouble(double number) -> number;
            case JsonBoolean(boolean truth) -> truth;
            case JsonNull _ -> null;
        };
    }

    /** Returns what the SDK parsed. */
    static JsonObject object(Map<?, ?> map) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        map.forEach((name, value) -> members.put(String.valueOf(name), value(value)));
        return new JsonObject(members);
    }

    /** Returns about how many bytes a value takes in memory, here and in the SDK. */
    static long weight(JsonValue value) {
        return switch (value) {
            case JsonObject(Map<String, JsonValue> members) ->
                members.entrySet().stream()
                        .mapToLong(member -> VALUE_BYTES + member.getKey().length() + weight(member.getValue()))
                        .sum();
            case JsonArray(List<JsonValue> elements) ->
                elements.stream()
                        .mapToLong(element -> VALUE_BYTES + weight(element))
                        .sum();
            case JsonString(String text) -> text.length();
            default -> 0;
        };
    }

    private static JsonValue value(@Nullable Object value) {
        return switch (value) {
            case null -> new JsonNull();
            case String text -> new JsonString(text);
            case Boolean truth -> new JsonBoolean(truth);
            case Integer number -> new JsonLong(number);
            case Long number -> new JsonLong(number);
            // Out of every range that a tool takes.
            case BigInteger number -> new JsonDouble(number.doubleValue());
            case Number number -> new JsonDouble(number.doubleValue());
            case Map<?, ?> map -> object(map);
            case List<?> list ->
                new JsonArray(list.stream().map(PlainJson::value).toList());
            default -> throw new IllegalArgumentException("not JSON: " + value.getClass());
        };
    }
}
