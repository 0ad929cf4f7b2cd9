package dev.pyro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.PayloadSamples.Size;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Clients such as the TypeScript SDK refuse a result that does not fit its tool's output schema; so every real payload must, whatever it
 * lacks and however it was cut.
 */
class OutputSchemaTest {
    private static final int SEEDS = 2;

    @TestFactory
    Stream<DynamicTest> everySchemaIsOne() {
        return tools().map(tool -> DynamicTest.dynamicTest(tool.name(), () -> {
            assertThat(Schemas.metaErrors(tool.inputSchema())).isEmpty();
            assertThat(Schemas.metaErrors(tool.outputSchema())).isEmpty();
        }));
    }

    /** The validator does find what is wrong. */
    @Test
    void whatIsWrongIsFound() {
        JsonObject noType = JsonObject.builder().put("type", "text").build();
        assertThat(Schemas.metaErrors(noType)).isNotEmpty();
        JsonObject payload =
                new PayloadSamples(Size.USUAL, 1).answer("workspace_status").payload();
        assertThat(Schemas.errors(OutputSchemas.VM, payload)).isNotEmpty();
    }

    @TestFactory
    Stream<DynamicTest> everyPayloadFitsItsSchema() {
        return tools().flatMap(tool -> Stream.of(Size.values())
                .map(size -> DynamicTest.dynamicTest(tool.name() + " " + size, () -> {
                    for (int seed = 0; seed < SEEDS; seed++) {
                        ToolAnswer answer = new PayloadSamples(size, seed).answer(tool.name());
                        assertThat(Schemas.errors(tool.outputSchema(), answer.payload()))
                                .isEmpty();
                        assertThat(Schemas.errors(
                                        tool.outputSchema(),
                                        ResultBounds.bound(answer).payload()))
                                .isEmpty();
                    }
                })));
    }

    /** A schema that describes less than there is would tell a client too little. */
    @TestFactory
    Stream<DynamicTest> everyMemberIsDescribedAndRequired() {
        return tools().map(tool -> DynamicTest.dynamicTest(tool.name(), () -> {
            JsonObject payload =
                    new PayloadSamples(Size.USUAL, 1).answer(tool.name()).payload();
            assertThat(described(tool.outputSchema())).isEqualTo(present(payload));
        }));
    }

    private static Stream<Tool> tools() {
        return ToolTable.tools(ToolProfile.WORKSPACE_FULL).stream();
    }

    private static Map<String, Object> described(JsonObject schema) {
        Map<String, Object> names = new TreeMap<>();
        ((JsonObject) member(schema, "properties")).members().forEach((name, property) -> {
            JsonObject inner = (JsonObject) property;
            if (inner.members().get("items") instanceof JsonObject items
                    && items.members().containsKey("properties")) {
                names.put(name, described(items));
            } else {
                names.put(name, inner.members().containsKey("properties") ? described(inner) : "");
            }
        });
        JsonValue.JsonArray required = (JsonValue.JsonArray) member(schema, "required");
        assertThat(required.elements()).hasSize(names.size());
        return names;
    }

    private static Map<String, Object> present(JsonObject payload) {
        Map<String, Object> names = new TreeMap<>();
        payload.members().forEach((name, value) -> {
            switch (value) {
                case JsonObject object
                when !name.equals("labels") && !name.equals("metadata") -> names.put(name, present(object));
                case JsonValue.JsonArray array
                when !array.elements().isEmpty() && array.elements().getFirst() instanceof JsonObject first ->
                    names.put(name, present(first));
                case JsonValue.JsonArray _
                when name.equals("secrets") -> names.put(name, new TreeMap<>(Map.of("name", "", "source_kind", "")));
                default -> names.put(name, "");
            }
        });
        return names;
    }

    private static JsonValue member(JsonObject object, String name) {
        JsonValue value = object.members().get(name);
        assertThat(value).as(name).isNotNull();
        return value;
    }
}
