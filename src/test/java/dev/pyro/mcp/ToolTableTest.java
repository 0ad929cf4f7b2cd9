package dev.pyro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds the tools to the interface contract, {@code contract/mcp-tools.json}, and to what models and their clients need. */
class ToolTableTest {
    /** Parameters that the contract does not know; all of them may be left out. */
    private static final Map<String, Set<String>> MORE_PARAMETERS = Map.of(
            "shell_read", Set.of("wait_for", "wait_idle_ms", "timeout_seconds"),
            "vm_run", Set.of("user"),
            "vm_exec", Set.of("user"),
            "workspace_exec", Set.of("user"),
            "shell_open", Set.of("user"),
            "service_start", Set.of("user"));

    /** Every session of every agent pays for this; when a tool is worth more, raise it with care. */
    private static final Map<ToolProfile, Integer> MAX_LIST_BYTES =
            Map.of(ToolProfile.VM_RUN, 5_000, ToolProfile.WORKSPACE_CORE, 34_000, ToolProfile.WORKSPACE_FULL, 76_000);

    private static final int MAX_DESCRIPTION_CHARS = 600;

    @ParameterizedTest
    @EnumSource
    void aProfileHasExactlyTheToolsAndParametersOfTheContract(ToolProfile profile) throws IOException {
        Map<String, Map<String, String>> wanted = new TreeMap<>();
        contract()
                .filter(tool -> tool.strings("profiles").contains(profile.wireName()))
                .forEach(tool -> wanted.put(tool.string("tool"), parameters(tool)));
        Map<String, Map<String, String>> built = new TreeMap<>();
        for (Tool tool : ToolTable.tools(profile)) {
            Map<String, String> parameters = new TreeMap<>();
            Set<String> more = MORE_PARAMETERS.getOrDefault(tool.name(), Set.of());
            for (ToolParameter parameter : tool.parameters()) {
                if (more.contains(parameter.name())) {
                    assertThat(parameter.isRequired()).as(parameter.name()).isFalse();
                } else {
                    parameters.put(parameter.name(), words(parameter));
                }
            }
            assertThat(built.put(tool.name(), parameters)).as(tool.name()).isNull();
        }

        assertThat(built).isEqualTo(wanted);
    }

    @ParameterizedTest
    @EnumSource
    void everyToolIsDescribed(ToolProfile profile) {
        for (Tool tool : ToolTable.tools(profile)) {
            assertThat(tool.title()).as(tool.name()).isNotBlank().hasSizeLessThan(50);
            assertThat(tool.description())
                    .as(tool.name())
                    .endsWith(".")
                    .hasSizeBetween(40, MAX_DESCRIPTION_CHARS)
                    .doesNotContain("  ");
            tool.parameters()
                    .forEach(parameter -> assertThat(parameter.description())
                            .as(tool.name() + " " + parameter.name())
                            .endsWith(".")
                            .doesNotContain("  "));
            assertThat(tool.hints().readOnly() && tool.hints().destructive())
                    .as(tool.name())
                    .isFalse();
        }
    }

    /** What a strict client asks of an input schema: an object, closed, every property with an explicit type. */
    @ParameterizedTest
    @EnumSource
    void inputSchemasAreExplicit(ToolProfile profile) {
        for (Tool tool : ToolTable.tools(profile)) {
            JsonReader schema = new JsonReader(tool.inputSchema());
            assertThat(schema.string("type")).isEqualTo("object");
            assertThat(schema.bool("additionalProperties")).isFalse();
            JsonObject properties = schema.object("properties").object();
            assertThat(properties.members().keySet()).containsAll(schema.strings("required"));
            properties
                    .members()
                    .forEach((name, property) -> assertThat(((JsonObject) property).members())
                            .as(tool.name() + " " + name)
                            .containsKeys("type", "description"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theListStaysSmall(ToolProfile profile) {
        long bytes = ToolTable.tools(profile).stream()
                .mapToLong(tool -> JsonSize.of(ToolListing.of(tool)) + 1)
                .sum();

        assertThat(bytes).isLessThan(Objects.requireNonNull(MAX_LIST_BYTES.get(profile)));
    }

    @ParameterizedTest
    @EnumSource
    void theInstructionsNameOnlyToolsOfTheProfile(ToolProfile profile) {
        Set<String> names =
                Set.copyOf(ToolTable.tools(profile).stream().map(Tool::name).toList());
        Stream<String> texts = Stream.concat(
                Stream.of(ServerInstructions.text(profile)),
                ToolTable.tools(profile).stream()
                        .flatMap(tool -> Stream.concat(
                                Stream.of(tool.description()),
                                tool.parameters().stream().map(ToolParameter::description))));

        texts.flatMap(text -> Pattern.compile("\\b(vm|workspace|snapshot|shell|service)_[a-z_]+")
                        .matcher(text)
                        .results())
                .map(MatchResult::group)
                .filter(word -> !Set.of("workspace_id", "vm_id", "snapshot_name", "shell_id", "service_name")
                        .contains(word))
                .forEach(word -> assertThat(names).contains(word));
    }

    private static Map<String, String> parameters(JsonReader tool) {
        Map<String, String> parameters = new TreeMap<>();
        for (JsonValue element : tool.array("params")) {
            JsonReader parameter = new JsonReader((JsonObject) element);
            String name = parameter.string("name");
            JsonValue standard = parameter.object().members().get("default");
            parameters.put(
                    name,
                    parameter.string("type") + (standard == null ? " required" : " default " + Json.write(standard)));
        }
        return parameters;
    }

    /** A parameter in the words of the contract. */
    private static String words(ToolParameter parameter) {
        String type = switch (parameter.type()) {
            case ParameterType.TextMap _ -> "object<string>";
            case ParameterType.TextList _ -> "array<string>";
            case ParameterType.TextObjects _ -> "array<object<string>>";
            case ParameterType.NumberObjects _ -> "array<object<integer?>>";
            case ParameterType plain -> plain.jsonName();
        };
        JsonValue standard = parameter.defaultValue();
        return type
                + (standard instanceof JsonNull ? "?" : "")
                + (standard == null ? " required" : " default " + Json.write(standard));
    }

    private static Stream<JsonReader> contract() throws IOException {
        try (InputStream stream = ToolTableTest.class.getResourceAsStream("/contract/mcp-tools.json")) {
            String text = new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
            List<JsonValue> tools = ((JsonArray) Json.parse(text)).elements();
            return tools.stream().map(element -> new JsonReader((JsonObject) element));
        }
    }
}
