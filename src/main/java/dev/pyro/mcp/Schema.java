package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds the JSON schema of an object whose members are always there; some may be null. Others may be added: what is not described is
 * allowed. Not safe for use by several threads.
 */
final class Schema {
    private final JsonValue.Builder properties = JsonObject.builder();
    private final List<String> required = new ArrayList<>();

    Schema texts(String... names) {
        return all(plain("string"), names);
    }

    Schema nullableTexts(String... names) {
        return all(nullable("string"), names);
    }

    Schema numbers(String... names) {
        return all(plain("integer"), names);
    }

    Schema nullableNumbers(String... names) {
        return all(nullable("integer"), names);
    }

    Schema flags(String... names) {
        return all(plain("boolean"), names);
    }

    Schema nullableFlags(String... names) {
        return all(nullable("boolean"), names);
    }

    /** Members that are objects whose members are all strings. */
    Schema textMaps(String... names) {
        return all(
                JsonObject.builder()
                        .put("type", "object")
                        .put("additionalProperties", plain("string"))
                        .build(),
                names);
    }

    Schema choice(String name, List<String> choices) {
        return all(
                JsonObject.builder()
                        .put("type", "string")
                        .put("enum", JsonArray.ofStrings(choices))
                        .build(),
                name);
    }

    Schema textList(String name) {
        return all(list(plain("string")), name);
    }

    Schema objects(String name, JsonObject element) {
        return all(list(element), name);
    }

    Schema object(String name, JsonObject schema) {
        return all(schema, name);
    }

    /** A member that is an object or null. */
    Schema nullableObject(String name, JsonObject schema) {
        JsonValue.Builder copy = JsonObject.builder();
        schema.members().forEach(copy::put);
        return all(
                copy.put("type", JsonArray.ofStrings(List.of("object", "null"))).build(), name);
    }

    JsonObject build() {
        return JsonObject.builder()
                .put("type", "object")
                .put("properties", properties.build())
                .put("required", JsonArray.ofStrings(required))
                .build();
    }

    private Schema all(JsonObject schema, String... names) {
        Arrays.stream(names).forEach(name -> properties.put(name, schema));
        required.addAll(List.of(names));
        return this;
    }

    private static JsonObject plain(String type) {
        return JsonObject.builder().put("type", type).build();
    }

    private static JsonObject nullable(String type) {
        return JsonObject.builder()
                .put("type", JsonArray.ofStrings(List.of(type, "null")))
                .build();
    }

    private static JsonObject list(JsonObject element) {
        return JsonObject.builder().put("type", "array").put("items", element).build();
    }
}
