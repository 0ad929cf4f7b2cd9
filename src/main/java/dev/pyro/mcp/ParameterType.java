package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.List;

/**
 * What a parameter takes. {@link #describe} writes it as JSON Schema 2020-12, in the subset that strict clients take: one explicit type,
 * bounds, choices.
 */
public sealed interface ParameterType {
    /** The name of the JSON type. */
    String jsonName();

    /** A few words for a message: {@code a string}. */
    String words();

    /** Adds the schema's members other than {@code type}. */
    void describe(JsonValue.Builder schema);

    /**
     * A string.
     *
     * @param minChars the fewest characters
     * @param maxChars the most
     * @param choices the only values, or empty when there is no such list
     */
    record Text(int minChars, int maxChars, List<String> choices) implements ParameterType {
        public Text {
            choices = List.copyOf(choices);
        }

        /** Any text of so many characters. */
        static Text of(int minChars, int maxChars) {
            return new Text(minChars, maxChars, List.of());
        }

        /** One of these. */
        static Text oneOf(List<String> choices) {
            return new Text(0, Integer.MAX_VALUE, choices);
        }

        @Override
        public String jsonName() {
            return "string";
        }

        @Override
        public String words() {
            return "a string";
        }

        @Override
        public void describe(JsonValue.Builder schema) {
            if (!choices.isEmpty()) {
                schema.put("enum", JsonArray.ofStrings(choices));
                return;
            }
            if (minChars > 0) {
                schema.put("minLength", minChars);
            }
            schema.put("maxLength", maxChars);
        }
    }

    /** A whole number within bounds, both included. */
    record WholeNumber(long min, long max) implements ParameterType {
        @Override
        public String jsonName() {
            return "integer";
        }

        @Override
        public String words() {
            return "a whole number";
        }

        @Override
        public void describe(JsonValue.Builder schema) {
            schema.put("minimum", min).put("maximum", max);
        }
    }

    /** {@code true} or {@code false}. */
    record TruthValue() implements ParameterType {
        @Override
        public String jsonName() {
            return "boolean";
        }

        @Override
        public String words() {
            return "true or false";
        }

        @Override
        public void describe(JsonValue.Builder schema) {}
    }

    /** An object whose members are all strings. */
    record TextMap(int maxEntries) implements ParameterType {
        @Override
        public String jsonName() {
            return "object";
        }

        @Override
        public String words() {
            return "an object whose values are strings";
        }

        @Override
        public void describe(JsonValue.Builder schema) {
            schema.put(
                            "additionalProperties",
                            JsonObject.builder()
                                    .put("type", new JsonString("string"))
                                    .build())
                    .put("maxProperties", maxEntries);
        }
    }

    /**
     * An array of objects whose members are all strings.
     *
     * @param members the members that an object may have; every one has the first
     */
    record TextObjects(int maxEntries, List<String> members) implements ParameterType {
        public TextObjects {
            members = List.copyOf(members);
        }

        @Override
        public String jsonName() {
            return "array";
        }

        @Override
        public String words() {
            return "an array of objects whose values are strings";
        }

        @Override
        public void describe(JsonValue.Builder schema) {
            JsonValue.Builder properties = JsonObject.builder();
            members.forEach(member -> properties.put(
                    member,
                    JsonObject.builder().put("type", new JsonString("string")).build()));
            schema.put("items", closed(properties.build(), members.getFirst())).put("maxItems", maxEntries);
        }
    }

    /**
     * An array of objects whose members are whole numbers.
     *
     * @param required the member that every one has
     * @param optional the member that may be left out or be null
     * @param bounds what both may be
     */
    record NumberObjects(int maxEntries, String required, String optional, WholeNumber bounds)
            implements ParameterType {
        @Override
        public String jsonName() {
            return "array";
        }

        @Override
        public String words() {
            return "an array of objects such as {\"" + required + "\": 1, \"" + optional + "\": null}";
        }

        @Override
        public void describe(JsonValue.Builder schema) {
            JsonObject properties = JsonObject.builder()
                    .put(required, bounded(new JsonString("integer")))
                    .put(optional, bounded(JsonArray.ofStrings(List.of("integer", "null"))))
                    .build();
            schema.put("items", closed(properties, required)).put("maxItems", maxEntries);
        }

        private JsonObject bounded(JsonValue type) {
            return JsonObject.builder()
                    .put("type", type)
                    .put("minimum", bounds.min())
                    .put("maximum", bounds.max())
                    .build();
        }
    }

    /** Returns the schema of an object that has these properties, one of them always, and no others. */
    private static JsonObject closed(JsonObject properties, String required) {
        return JsonObject.builder()
                .put("type", new JsonString("object"))
                .put("properties", properties)
                .put("required", JsonArray.ofStrings(List.of(required)))
                .put("additionalProperties", false)
                .build();
    }

    /** An array of strings. */
    record TextList(int maxEntries) implements ParameterType {
        @Override
        public String jsonName() {
            return "array";
        }

        @Override
        public String words() {
            return "an array of strings";
        }

        @Override
        public void describe(JsonValue.Builder schema) {
            schema.put(
                            "items",
                            JsonObject.builder()
                                    .put("type", new JsonString("string"))
                                    .build())
                    .put("maxItems", maxEntries);
        }
    }
}
