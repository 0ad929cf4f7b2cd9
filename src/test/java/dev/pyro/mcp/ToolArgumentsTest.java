package dev.pyro.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonDouble;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may send. Every refusal names the argument and is {@link ErrorCode#INVALID_ARGUMENT}. */
class ToolArgumentsTest {
    private static final List<ToolParameter> PARAMETERS = List.of(
            ToolParameter.required("text", ParameterType.Text.of(1, 10), "A text."),
            ToolParameter.number("number", 5, new ParameterType.WholeNumber(1, 100), "A number."),
            ToolParameter.flag("flag", "A flag."),
            ToolParameter.text("choice", "a", ParameterType.Text.oneOf(List.of("a", "b")), "A choice."),
            ToolParameter.nullable("note", ParameterType.Text.of(1, 10), "A note."),
            ToolParameter.nullable("map", new ParameterType.TextMap(2), "A map."),
            ToolParameter.nullable("list", new ParameterType.TextList(2), "A list."),
            ToolParameter.nullable(
                    "pairs",
                    new ParameterType.NumberObjects(2, "one", "two", new ParameterType.WholeNumber(0, 65_535)),
                    "Pairs."),
            ToolParameter.nullable(
                    "objects", new ParameterType.TextObjects(2, List.of("name", "value")), "Some objects."));

    private static ToolArguments check(String json) {
        return check(Json.parseObject(json).object());
    }

    private static ToolArguments check(JsonObject json) {
        return ToolArguments.check("tool", PARAMETERS, json);
    }

    private static void assertRefused(JsonObject json, String... words) {
        assertThatThrownBy(() -> check(json))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .message()
                .contains(words)
                .hasSizeLessThan(1000);
    }

    private static JsonObject with(String name, JsonValue value) {
        Map<String, JsonValue> members = new TreeMap<>(Map.of("text", new JsonString("x")));
        members.put(name, value);
        return new JsonObject(members);
    }

    @Test
    void pairsOfNumbers() {
        assertThat(check("{'text': 'x'}".replace('\'', '"')).numberObjects("pairs"))
                .isEmpty();
        List<JsonReader> pairs = check(
                        "{\"text\": \"x\", \"pairs\": [{\"one\": 1, \"two\": null}, {\"one\": 2, \"two\": 3}]}")
                .numberObjects("pairs");
        assertThat(pairs).hasSize(2);
        assertThat(pairs.getFirst().nullableNumber("two")).isNull();
        assertThat(pairs.getLast().nullableNumber("two")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[1]",
                "[{}]",
                "[{\"two\": 1}]",
                "[{\"one\": null}]",
                "[{\"one\": \"1\"}]",
                "[{\"one\": 1.5}]",
                "[{\"one\": 1, \"three\": 1}]",
                "[{\"one\": 1, \"two\": \"2\"}]",
                "[{\"one\": 1}, {\"one\": 2}, {\"one\": 3}]"
            })
    void noPairsOfNumbers(String json) {
        assertRefused(with("pairs", Json.parse(json)), "pairs must");
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        ToolArguments arguments = check("{\"text\": \"x\"}");

        assertThat(arguments.text("text")).isEqualTo("x");
        assertThat(arguments.integer("number")).isEqualTo(5);
        assertThat(arguments.flag("flag")).isFalse();
        assertThat(arguments.text("choice")).isEqualTo("a");
        assertThat(arguments.nullableText("note")).isNull();
        assertThat(arguments.textMap("map")).isEmpty();
        assertThat(arguments.textList("list")).isEmpty();
    }

    @Test
    void whatIsGivenIsTaken() {
        ToolArguments arguments =
                check("{\"text\": \"x\", \"number\": 7.0, \"flag\": true, \"choice\": \"b\", \"note\": \"n\", "
                        + "\"map\": {\"k\": \"v\"}, \"list\": [\"e\"]}");

        assertThat(arguments.integer("number")).isEqualTo(7);
        assertThat(arguments.seconds("number")).hasSeconds(7);
        assertThat(arguments.flag("flag")).isTrue();
        assertThat(arguments.text("choice")).isEqualTo("b");
        assertThat(arguments.nullableText("note")).isEqualTo("n");
        assertThat(arguments.textMap("map")).containsExactly(Map.entry("k", "v"));
        assertThat(arguments.textList("list")).containsExactly("e");
    }

    /** Models send null for what they leave out. */
    @Test
    void nullStandsForTheDefault() {
        ToolArguments arguments =
                check("{\"text\": \"x\", \"number\": null, \"flag\": null, \"note\": null, \"map\": null}");

        assertThat(arguments.integer("number")).isEqualTo(5);
        assertThat(arguments.flag("flag")).isFalse();
        assertThat(arguments.nullableText("note")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|tool needs the argument text: A text.",
                "{\"text\": null}|text must be a string, not null",
                "{\"text\": 5}|text must be a string, not the number 5",
                "{\"text\": \"\"}|text must not be empty",
                "{\"text\": \"12345678901\"}|text must have at most 10 characters, not 11",
                "{\"text\": \"x\", \"other\": 1}|tool takes no argument \"other\"; it takes text, number, flag, choice, note, map, list, pairs, objects",
                "{\"text\": \"x\", \"number\": \"5\"}|number must be a whole number, not the string \"5\"",
                "{\"text\": \"x\", \"number\": 5.5}|number must be a whole number, not the number 5.5",
                "{\"text\": \"x\", \"number\": true}|number must be a whole number, not true",
                "{\"text\": \"x\", \"number\": 0}|number must be between 1 and 100, not 0",
                "{\"text\": \"x\", \"number\": 4294967301}|number must be between 1 and 100, not 4294967301",
                "{\"text\": \"x\", \"number\": -9223372036854775808}|number must be between 1 and 100",
                "{\"text\": \"x\", \"pairs\": [{\"one\": 1, \"two\": 5000000000}]}|pairs[0].two must be between 0 and 65535, not 5000000000",
                "{\"text\": \"x\", \"number\": 1e300}|number must be between 1 and 100, not 1.0E300",
                "{\"text\": \"x\", \"flag\": \"true\"}|flag must be true or false, not the string \"true\"",
                "{\"text\": \"x\", \"flag\": 1}|flag must be true or false, not the number 1",
                "{\"text\": \"x\", \"choice\": \"c\"}|choice must be one of a, b, not \"c\"",
                "{\"text\": \"x\", \"note\": []}|note must be a string or null, not an array",
                "{\"text\": \"x\", \"note\": \"\"}|note must not be empty",
                "{\"text\": \"x\", \"map\": {\"k\": 1}}|map must be an object whose values are strings or null, not an object",
                "{\"text\": \"x\", \"map\": {\"k\": null}}|map must be an object whose values are strings",
                "{\"text\": \"x\", \"map\": {\"1\": \"\", \"2\": \"\", \"3\": \"\"}}|map must have at most 2 entries, not 3",
                "{\"text\": \"x\", \"list\": \"a\"}|list must be an array of strings or null, not the string \"a\"",
                "{\"text\": \"x\", \"list\": [[\"a\"]]}|list must be an array of strings or null, not an array",
                "{\"text\": \"x\", \"list\": [\"1\", \"2\", \"3\"]}|list must have at most 2 entries, not 3"
            })
    void whatDoesNotFitIsNamed(String json, String message) {
        assertRefused(Json.parseObject(json).object(), message);
    }

    @Test
    void objectsAreTakenWithWhatTheyHave() {
        ToolArguments arguments = check(
                "{\"text\": \"x\", \"objects\": [{\"name\": \"a\", \"value\": \"1\"}, {\"name\": \"b\", \"value\": null}]}");

        assertThat(arguments.textObjects("objects")).hasSize(2);
        assertThat(arguments.textObjects("objects").getFirst().string("value")).isEqualTo("1");
        assertThat(arguments.textObjects("objects").getLast().nullableString("value"))
                .isNull();
        assertThat(check("{\"text\": \"x\"}").textObjects("objects")).isEmpty();
    }

    /** They may be secrets in the wrong place. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'objects': 'hunter2'|objects must be an array of objects whose values are strings or null, not a string",
                "'objects': {'name': 'hunter2'}|objects must be an array of objects whose values are strings or null, not an object",
                "'objects': ['hunter2']|objects[0] must be an object, not a string",
                "'objects': [{'name': 'a'}, {'value': 'hunter2'}]|objects[1] needs the member name",
                "'objects': [{'name': null, 'value': 'hunter2'}]|objects[0].name must be a string, not null",
                "'objects': [{'name': 'a', 'hunter2': 'hunter2'}]|objects[0] has a member that it does not take; it takes name, value",
                "'objects': [{'name': 'a', 'value': ['hunter2']}]|objects[0].value must be a string, not an array",
                "'objects': [{'name': 'a', 'value': 'hunter2\\ud800'}]|objects[0].value holds half of a surrogate pair",
                "'objects': [{'name': 'a'}, {'name': 'a'}, {'name': 'hunter2'}]|objects must have at most 2 entries, not 3",
                "'map': 'hunter2'|map must be an object whose values are strings or null, not a string"
            })
    void whatMayBeASecretIsNotShown(String members, String message) {
        JsonObject json = Json.parseObject("{\"text\": \"x\", " + members.replace('\'', '"') + "}")
                .object();
        assertRefused(json, message);
        assertThatThrownBy(() -> check(json)).message().doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e19, -1e19})
    void numbersThatAreNoLongAreRefused(double number) {
        assertRefused(with("number", new JsonDouble(number)), "number must be");
    }

    @Test
    void extremeNumbersAreRefused() {
        assertRefused(with("number", new JsonLong(Long.MAX_VALUE)), "9223372036854775807");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udc80", "\udc00\ud800", "\ud83d\ud83d\ude00"})
    void halfCharactersAreRefused(String text) {
        assertRefused(with("note", new JsonString(text)), "note", "surrogate");
        assertRefused(with("map", JsonObject.builder().put(text, "v").build()), "map", "surrogate");
        assertRefused(with("map", JsonObject.builder().put("k", text).build()), "map", "surrogate");
        assertRefused(with("list", JsonValue.JsonArray.ofStrings(List.of(text))), "list", "surrogate");
    }

    /** JSON Schema counts characters, not UTF-16 units. */
    @Test
    void charactersAreCountedAsTheSchemaDoes() {
        assertThat(check(with("text", new JsonString("😀".repeat(10)))).text("text"))
                .hasSize(20);
        assertRefused(with("text", new JsonString("😀".repeat(11))), "not 11");
    }

    @Test
    void hugeAndHostileTextsDoNotEchoWhole() {
        assertRefused(with("x".repeat(1_000_000), new JsonString("")), "takes no argument \"xxx");
        assertRefused(with("number", new JsonString("\u001b[31m" + "y".repeat(1_000_000))), "\\u001b");
        assertRefused(with("choice", new JsonString("\u0000\ud800".repeat(100_000))), "\\u0000\\ud800");
    }

    /** What the checks take is what the schema says, and the other way around. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\": \"x\"}",
                "{\"text\": \"x\", \"number\": 100, \"note\": null, \"map\": {}, \"list\": []}",
                "{\"text\": \"x\", \"number\": 101}",
                "{\"text\": \"\"}",
                "{\"text\": \"x\", \"more\": 1}",
                "{\"text\": \"x\", \"map\": {\"k\": 1}}",
                "{\"text\": \"x\", \"list\": [null]}",
                "{\"text\": \"x\", \"number\": 2.0}"
            })
    void theSchemaSaysTheSame(String json) {
        JsonObject given = Json.parseObject(json).object();
        Tool tool = new Tool(
                "tool",
                "",
                "",
                Set.of(),
                PARAMETERS,
                JsonObject.builder().build(),
                ToolHints.LOOKS,
                _ -> ToolAnswer.of(given));
        boolean taken;
        try {
            check(given);
            taken = true;
        } catch (PyroException e) {
            taken = false;
        }

        assertThat(Schemas.errors(tool.inputSchema(), given).isEmpty()).isEqualTo(taken);
    }
}
