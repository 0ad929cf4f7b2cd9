package dev.pyro.mcp;

import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonDouble;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The arguments of one call, checked against the tool's parameters, with defaults filled in. Immutable. */
public final class ToolArguments {
    private final JsonReader values;

    private ToolArguments(JsonObject values) {
        this.values = new JsonReader(values);
    }

    /**
     * Checks what a client sent.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} naming the argument, when one is missing, unknown, of another type or out
     *     of its bounds
     */
    public static ToolArguments check(String tool, List<ToolParameter> parameters, JsonObject given) {
        Map<String, JsonValue> checked = new TreeMap<>();
        for (ToolParameter parameter : parameters) {
            JsonValue value = given.members().get(parameter.name());
            if (value == null || (value instanceof JsonNull && !parameter.isRequired())) {
                if (parameter.defaultValue() == null) {
                    throw invalid(tool + " needs the argument " + parameter.name() + ": " + parameter.description());
                }
                checked.put(parameter.name(), parameter.defaultValue());
            } else {
                checked.put(parameter.name(), check(parameter, value));
            }
        }
        for (String name : given.members().keySet()) {
            if (!checked.containsKey(name)) {
                throw invalid(tool + " takes no argument \"" + Arguments.printable(name) + "\"; it takes "
                        + (parameters.isEmpty()
                                ? "none"
                                : parameters.stream().map(ToolParameter::name).collect(Collectors.joining(", "))));
            }
        }
        return new ToolArguments(new JsonObject(checked));
    }

    private static JsonValue check(ToolParameter parameter, JsonValue value) {
        String name = parameter.name();
        return switch (parameter.type()) {
            case ParameterType.Text type when value instanceof JsonString(String text) -> text(name, type, text);
            case ParameterType.WholeNumber type
            when value instanceof JsonLong(long number) -> number(name, type, number);
            case ParameterType.WholeNumber type
            when value instanceof JsonDouble(double number) && number == Math.rint(number) ->
                number(name, type, number);
            case ParameterType.TruthValue _ when value instanceof JsonBoolean -> value;
            case ParameterType.TextMap type
            when value instanceof JsonObject(Map<String, JsonValue> members)
                    && members.values().stream().allMatch(JsonString.class::isInstance) -> {
                atMost(name, members.size(), type.maxEntries());
                members.forEach((key, member) -> {
                    requireUnicode(name, key);
                    requireUnicode(name, ((JsonString) member).value());
                });
                yield value;
            }
            case ParameterType.TextList type
            when value instanceof JsonArray(List<JsonValue> elements)
                    && elements.stream().allMatch(JsonString.class::isInstance) -> {
                atMost(name, elements.size(), type.maxEntries());
                elements.forEach(element -> requireUnicode(name, ((JsonString) element).value()));
                yield value;
            }
            case ParameterType.NumberObjects type
            when value instanceof JsonArray(List<JsonValue> elements)
                    && elements.stream().allMatch(element -> isNumbers(type, element)) -> {
                atMost(name, elements.size(), type.maxEntries());
                for (int i = 0; i < elements.size(); i++) {
                    numbers(name + "[" + i + "]", type, (JsonObject) elements.get(i));
                }
                yield value;
            }
            case ParameterType.TextObjects type
            when value instanceof JsonArray(List<JsonValue> elements) -> {
                atMost(name, elements.size(), type.maxEntries());
                for (int i = 0; i < elements.size(); i++) {
                    textObject(name + "[" + i + "]", type, elements.get(i));
                }
                yield value;
            }
            default ->
                throw invalid(name + " must be " + parameter.type().words() + (parameter.isNullable() ? " or null" : "")
                        + ", not " + (mayHoldSecrets(parameter.type()) ? kind(value) : words(value)));
        };
    }

    /** A value in the wrong form may be a secret all the same: no message shows it. */
    private static boolean mayHoldSecrets(ParameterType type) {
        return switch (type) {
            case ParameterType.TextMap _, ParameterType.TextObjects _ -> true;
            case ParameterType.Text _,
                    ParameterType.WholeNumber _,
                    ParameterType.TruthValue _,
                    ParameterType.TextList _,
                    ParameterType.NumberObjects _ -> false;
        };
    }

    private static boolean isNumbers(ParameterType.NumberObjects type, JsonValue element) {
        return element instanceof JsonObject(Map<String, JsonValue> members)
                && members.get(type.required()) instanceof JsonLong
                && members.entrySet().stream()
                        .allMatch(member -> member.getKey().equals(type.required())
                                || (member.getKey().equals(type.optional())
                                        && (member.getValue() instanceof JsonLong
                                                || member.getValue() instanceof JsonNull)));
    }

    private static void numbers(String name, ParameterType.NumberObjects type, JsonObject element) {
        element.members().forEach((key, member) -> {
            if (member instanceof JsonLong(long number)) {
                number(name + "." + key, type.bounds(), number);
            }
        });
    }

    private static void textObject(String name, ParameterType.TextObjects type, JsonValue element) {
        if (!(element instanceof JsonObject(Map<String, JsonValue> members))) {
            throw invalid(name + " must be an object, not " + kind(element));
        }
        String first = type.members().getFirst();
        if (!members.containsKey(first)) {
            throw invalid(name + " needs the member " + first);
        }
        members.forEach((member, value) -> {
            if (!type.members().contains(member)) {
                throw invalid(
                        name + " has a member that it does not take; it takes " + String.join(", ", type.members()));
            }
            if (value instanceof JsonNull && !member.equals(first)) {
                // As good as left out.
                return;
            }
            if (!(value instanceof JsonString(String text))) {
                throw invalid(name + "." + member + " must be a string, not " + kind(value));
            }
            requireUnicode(name + "." + member, text);
        });
    }

    private static JsonValue text(String name, ParameterType.Text type, String text) {
        if (type.choices().contains(text)) {
            return new JsonString(text);
        }
        if (!type.choices().isEmpty()) {
            throw invalid(name + " must be one of " + String.join(", ", type.choices()) + ", not \""
                    + Arguments.printable(text) + "\"");
        }
        int chars = text.codePointCount(0, text.length());
        if (chars < type.minChars()) {
            throw invalid(name + " must not be empty");
        }
        if (chars > type.maxChars()) {
            throw invalid(name + " must have at most " + type.maxChars() + " characters, not " + chars);
        }
        requireUnicode(name, text);
        return new JsonString(text);
    }

    private static JsonValue number(String name, ParameterType.WholeNumber type, long number) {
        if (number < type.min() || number > type.max()) {
            throw invalid(name + " must be between " + type.min() + " and " + type.max() + ", not " + number);
        }
        return new JsonLong(number);
    }

    /** A number with a fraction of zero, or too large for a {@code long}. */
    private static JsonValue number(String name, ParameterType.WholeNumber type, double number) {
        if (Math.abs(number) >= Long.MAX_VALUE) {
            throw invalid(name + " must be between " + type.min() + " and " + type.max() + ", not " + number);
        }
        return number(name, type, (long) number);
    }

    /** Half a character would become a question mark on its way into the guest. */
    private static void requireUnicode(String name, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw invalid(name + " holds half of a surrogate pair, which is no character");
            }
        }
    }

    private static void atMost(String name, int entries, int maxEntries) {
        if (entries > maxEntries) {
            throw invalid(name + " must have at most " + maxEntries + " entries, not " + entries);
        }
    }

    private static String words(JsonValue value) {
        return switch (value) {
            case JsonString(String text) -> "the string \"" + Arguments.printable(text) + "\"";
            case JsonLong(long number) -> "the number " + number;
            case JsonDouble(double number) -> "the number " + number;
            case JsonBoolean(boolean truth) -> Boolean.toString(truth);
            case JsonNull _, JsonArray _, JsonObject _ -> kind(value);
        };
    }

    private static String kind(JsonValue value) {
        return switch (value) {
            case JsonString _ -> "a string";
            case JsonLong _, JsonDouble _ -> "a number";
            case JsonBoolean _ -> "a truth value";
            case JsonNull _ -> "null";
            case JsonArray _ -> "an array";
            case JsonObject _ -> "an object";
        };
    }

    private static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }

    /** Returns a text. */
    public String text(String name) {
        return values.string(name);
    }

    /** Returns a text, or null. */
    public @Nullable String nullableText(String name) {
        return values.nullableString(name);
    }

    /** Returns a whole number. */
    public int integer(String name) {
        return values.integer(name);
    }

    /** Returns a whole number that may be large. */
    public long number(String name) {
        return values.number(name);
    }

    /** Returns such a number, or null. */
    public @Nullable Long nullableNumber(String name) {
        return values.find(name).isEmpty() ? null : values.number(name);
    }

    /** Returns a number of seconds. */
    public Duration seconds(String name) {
        return Duration.ofSeconds(values.number(name));
    }

    /** Returns a truth value. */
    public boolean flag(String name) {
        return values.bool(name);
    }

    /** Returns an object of strings, empty when it is null. */
    public Map<String, String> textMap(String name) {
        return values.find(name).isEmpty() ? Map.of() : values.stringMap(name);
    }

    /** Returns an array of objects of strings, empty when it is null. */
    public List<JsonReader> textObjects(String name) {
        return objects(name);
    }

    /** Returns an array of objects of numbers, empty when it is null. */
    public List<JsonReader> numberObjects(String name) {
        return objects(name);
    }

    private List<JsonReader> objects(String name) {
        return values.find(name).isEmpty()
                ? List.of()
                : values.array(name).stream()
                        .map(element -> new JsonReader((JsonObject) element))
                        .toList();
    }

    /** Returns an array of strings, empty when it is null. */
    public List<String> textList(String name) {
        return values.find(name).isEmpty() ? List.of() : values.strings(name);
    }
}
