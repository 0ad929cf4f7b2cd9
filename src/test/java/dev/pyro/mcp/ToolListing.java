package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;

/** A tool as {@code tools/list} shows it. Stateless. */
final class ToolListing {
    private ToolListing() {}

    static JsonObject of(Tool tool) {
        return JsonObject.builder()
                .put("name", tool.name())
                .put("title", tool.title())
                .put("description", tool.description())
                .put("inputSchema", tool.inputSchema())
                .put("outputSchema", tool.outputSchema())
                .put(
                        "annotations",
                        JsonObject.builder()
                                .put("readOnlyHint", tool.hints().readOnly())
                                .put("destructiveHint", tool.hints().destructive())
                                .put("idempotentHint", tool.hints().idempotent())
                                .put("openWorldHint", tool.hints().openWorld())
                                .build())
                .build();
    }
}
