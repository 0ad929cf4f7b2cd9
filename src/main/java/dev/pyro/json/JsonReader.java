package dev.pyro.json;

import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to the members of one object.
 *
 * <p>Each getter throws {@link JsonFormatException} when the member is missing or of another type. Members that nobody asks
 * for are ignored, so that a record may grow by appending fields.
 */
public record JsonReader(JsonObject object) {
    /** Returns a member, or empty when it is missing or null. */
    public Optional<JsonValue> find(String name) {
        JsonValue value = object.members().get(name);
        return value == null || value instanceof JsonNull ? Optional.empty() : Optional.of(value);
    }

    /** Returns a string. */
    public String string(String name) {
        return required(name, nullableString(name));
    }

    /** Returns a string, or null when it is missing or null. */
    public @Nullable String nullableString(String name) {
        return switch (find(name).orElse(null)) {
            case null -> null;
            case JsonString(String value) -> value;
            default -> throw wrongType(name, "a string");
        };
    }

    /** Returns a whole number. */
    public long number(String name) {
        return required(name, nullableNumber(name));
    }

    /** Returns a whole number, or null when it is missing or null. */
    public @Nullable Long nullableNumber(String name) {
        return switch (find(name).orElse(null)) {
            case null -> null;
            case JsonLong(long value) -> value;
            default -> throw wrongType(name, "a whole number");
        };
    }

    /** Returns a whole number in the range of {@code int}. */
    public int integer(String name) {
        long value = number(name);
        if (value != (int) value) {
            throw wrongType(name, "a whole number of 32 bits");
        }
        return (int) value;
    }

    /** Returns a truth value. */
    public boolean bool(String name) {
        return switch (find(name).orElse(null)) {
            case JsonBoolean(boolean value) -> value;
            case null, default -> throw wrongType(name, "true or false");
        };
    }

    /** Returns an object. */
    public JsonReader object(String name) {
        return switch (find(name).orElse(null)) {
            case JsonObject value -> new JsonReader(value);
            case null, default -> throw wrongType(name, "an object");
        };
    }

    /** Returns an array's elements. */
    public List<JsonValue> array(String name) {
        return switch (find(name).orElse(null)) {
            case JsonArray(List<JsonValue> elements) -> elements;
            case null, default -> throw wrongType(name, "an array");
        };
    }

    /** Returns an array of strings. */
    public List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        for (JsonValue element : array(name)) {
            if (!(element instanceof JsonString(String value))) {
                throw wrongType(name, "an array of strings");
            }
            strings.add(value);
        }
        return List.copyOf(strings);
    }

    /** Returns an object whose members are all strings. */
    public Map<String, String> stringMap(String name) {
        Map<String, String> map = new LinkedHashMap<>();
        JsonReader reader = object(name);
        reader.object().members().keySet().forEach(key -> map.put(key, reader.string(key)));
        return map;
    }

    private static <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw new JsonFormatException("member \"" + name + "\" is missing");
        }
        return value;
    }

    private static JsonFormatException wrongType(String name, String expected) {
        return new JsonFormatException("member \"" + name + "\" is not " + expected);
    }

    /**
     * Returns the constant of this name.
     *
     * @param name how a constant is called in JSON
     * @throws JsonFormatException when none is called so
     */
    public static <T> T constant(T[] constants, Function<T, String> name, String wanted) {
        return Arrays.stream(constants)
                .filter(constant -> name.apply(constant).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new JsonFormatException("unknown value \"" + wanted + "\""));
    }
}
