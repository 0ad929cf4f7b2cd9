package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One tool as one profile offers it.
 *
 * @param name its name, as clients call it
 * @param title a short name for people
 * @param description when to use it and what comes back, for a model
 * @param profiles the profiles that offer it
 * @param parameters what it takes
 * @param outputSchema the JSON schema of its payload
 * @param hints what a client may assume of it
 * @param action what it does
 */
public record Tool(
        String name,
        String title,
        String description,
        Set<ToolProfile> profiles,
        List<ToolParameter> parameters,
        JsonObject outputSchema,
        ToolHints hints,
        Action action) {
    public Tool {
        profiles = Set.copyOf(profiles);
        parameters = List.copyOf(parameters);
    }

    /** What a tool does: one call of the facade. */
    @FunctionalInterface
    public interface Action {
        /**
         * Runs on a thread that may be interrupted, and blocks until it is done.
         *
         * @return the payload, whole
         */
        ToolAnswer run(ToolCall call);
    }

    /** Returns a tool that takes nothing but what it is about, and whose payload needs no advice. */
    static Tool about(
            ToolParameter subject,
            Set<ToolProfile> profiles,
            String name,
            String title,
            String description,
            JsonObject outputSchema,
            ToolHints hints,
            Function<ToolCall, JsonObject> payload) {
        return new Tool(
                name,
                title,
                description,
                profiles,
                List.of(subject),
                outputSchema,
                hints,
                call -> ToolAnswer.of(payload.apply(call)));
    }

    /** Returns the JSON schema of its arguments. */
    public JsonObject inputSchema() {
        JsonValue.Builder properties = JsonObject.builder();
        parameters.forEach(parameter -> properties.put(parameter.name(), parameter.schema()));
        return JsonObject.builder()
                .put("type", "object")
                .put("properties", properties.build())
                .put(
                        "required",
                        JsonArray.ofStrings(parameters.stream()
                                .filter(ToolParameter::isRequired)
                                .map(ToolParameter::name)
                                .toList()))
                .put("additionalProperties", false)
                .build();
    }
}
