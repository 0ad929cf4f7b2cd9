package dev.pyro.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One JSON value. Immutable, and so safe to share between threads. */
public sealed interface JsonValue {
    /** An object; its members are kept and written in the order of their names. */
    record JsonObject(Map<String, JsonValue> members) implements JsonValue {
        public JsonObject {
            members = Collections.unmodifiableMap(new TreeMap<>(members));
        }

        /** Returns a builder of an object. */
        public static Builder builder() {
            return new Builder();
        }
    }

    /** An array. */
    record JsonArray(List<JsonValue> elements) implements JsonValue {
        public JsonArray {
            elements = List.copyOf(elements);
        }

        /** Returns an array of strings. */
        public static JsonArray ofStrings(Iterable<String> strings) {
            List<JsonValue> elements = new ArrayList<>();
            strings.forEach(string -> elements.add(new JsonString(string)));
            return new JsonArray(elements);
        }
    }

    /** A string. */
    record JsonString(String value) implements JsonValue {}

    /** A whole number in the range of {@code long}. */
    record JsonLong(long value) implements JsonValue {}

    /** Any other number. */
    record JsonDouble(double value) implements JsonValue {}

    /** {@code true} or {@code false}. */
    record JsonBoolean(boolean value) implements JsonValue {}

    /** {@code null}. */
    record JsonNull() implements JsonValue {}

    /** Collects the members of a {@link JsonObject}. Not safe for use by several threads. */
    final class Builder {
        private final Map<String, JsonValue> members = new TreeMap<>();

        private Builder() {}

        /** Sets a member; a Java null becomes JSON's. */
        public Builder put(String name, @Nullable JsonValue value) {
            members.put(name, value == null ? new JsonNull() : value);
            return this;
        }

        /** Sets a member to a string, or to null. */
        public Builder put(String name, @Nullable String value) {
            return put(name, value == null ? null : new JsonString(value));
        }

        /** Sets a member to a whole number. */
        public Builder put(String name, long value) {
            return put(name, new JsonLong(value));
        }

        /** Sets a member to a whole number, or to null. */
        public Builder putNullable(String name, @Nullable Long value) {
            return put(name, value == null ? null : new JsonLong(value));
        }

        /** Sets a member to a truth value. */
        public Builder put(String name, boolean value) {
            return put(name, new JsonBoolean(value));
        }

        /** Returns the object. */
        public JsonObject build() {
            return new JsonObject(members);
        }
    }
}
