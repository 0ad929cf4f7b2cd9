package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a tool.
 *
 * @param name its name, in snake_case
 * @param description what it means, for a model
 * @param type what it takes
 * @param defaultValue what holds when it is not given, {@link JsonNull} when null may be given and is what holds; null when it must be
 *     given
 */
public record ToolParameter(
        String name,
        String description,
        ParameterType type,
        @Nullable JsonValue defaultValue) {
    /** A parameter that must be given. */
    public static ToolParameter required(String name, ParameterType type, String description) {
        return new ToolParameter(name, description, type, null);
    }

    /** A parameter that may be left out or be null, which is the same. */
    public static ToolParameter nullable(String name, ParameterType type, String description) {
        return new ToolParameter(name, description, type, new JsonNull());
    }

    /** A text with a default. */
    public static ToolParameter text(String name, String defaultValue, ParameterType.Text type, String description) {
        return new ToolParameter(name, description, type, new JsonString(defaultValue));
    }

    /** A whole number with a default. */
    public static ToolParameter number(
            String name, long defaultValue, ParameterType.WholeNumber type, String description) {
        return new ToolParameter(name, description, type, new JsonLong(defaultValue));
    }

    /** A truth value that is false unless it is given. */
    public static ToolParameter flag(String name, String description) {
        return new ToolParameter(name, description, new ParameterType.TruthValue(), new JsonBoolean(false));
    }

    /** Tells whether it must be given. */
    public boolean isRequired() {
        return defaultValue == null;
    }

    /** Tells whether null may be given. */
    public boolean isNullable() {
        return defaultValue instanceof JsonNull;
    }

    /** Returns its JSON schema. */
    public JsonObject schema() {
        JsonValue.Builder schema = JsonObject.builder().put("description", description);
        if (isNullable()) {
            schema.put("type", JsonArray.ofStrings(List.of(type.jsonName(), "null")));
        } else {
            schema.put("type", type.jsonName());
        }
        type.describe(schema);
        if (defaultValue != null) {
            schema.put("default", defaultValue);
        }
        return schema.build();
    }
}
