package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonDouble;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.List;
import java.util.Map;

/** How many bytes of UTF-8 values take as JSON on one line, found without writing them. Stateless. */
final class JsonSize {
    /** What a control character takes that has no short form, such as {@code \}{@code u0001}. */
    private static final int LONG_ESCAPE = 6;

    private JsonSize() {}

    static long of(JsonValue value) {
        return switch (value) {
            case JsonObject(Map<String, JsonValue> members) -> {
                long size = 1L + Math.max(1, members.size());
                for (Map.Entry<String, JsonValue> member : members.entrySet()) {
                    size += ofMember(member.getKey(), member.getValue()) - 1;
                }
                yield size;
            }
            case JsonArray(List<JsonValue> elements) -> {
                long size = 1L + Math.max(1, elements.size());
                for (JsonValue element : elements) {
                    size += of(element);
                }
                yield size;
            }
            case JsonString(String text) -> 2 + ofText(text);
            case JsonLong(long number) -> Long.toString(number).length();
            case JsonDouble(double number) -> Double.toString(number).length();
            case JsonBoolean(boolean truth) -> truth ? 4 : 5;
            case JsonNull _ -> 4;
        };
    }

    /** A member of an object, with its name, colon and comma. */
    static long ofMember(String name, JsonValue value) {
        return 2 + ofText(name) + 1 + of(value) + 1;
    }

    /** A text between its quotes. */
    static long ofText(String text) {
        long size = 0;
        for (int i = 0; i < text.length(); i++) {
            size += ofChar(text.charAt(i));
        }
        return size;
    }

    /** One UTF-16 unit; each half of a pair counts half. */
    static int ofChar(char c) {
        if (c >= 0x80) {
            return utf8(c);
        }
        return switch (c) {
            case '"', '\\', '\b', '\t', '\n', '\f', '\r' -> 2;
            default -> c < ' ' ? LONG_ESCAPE : 1;
        };
    }

    /** How many bytes a text is in UTF-8. */
    static long utf8(String text) {
        long size = 0;
        for (int i = 0; i < text.length(); i++) {
            size += utf8(text.charAt(i));
        }
        return size;
    }

    private static int utf8(char c) {
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
}
