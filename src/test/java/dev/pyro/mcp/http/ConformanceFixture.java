package dev.pyro.mcp.http;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.mcp.server.RpcMessage;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncCompletionSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncResourceTemplateSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.AudioContent;
import io.modelcontextprotocol.spec.McpSchema.BlobResourceContents;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.CompleteResult;
import io.modelcontextprotocol.spec.McpSchema.Content;
import io.modelcontextprotocol.spec.McpSchema.CreateMessageRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.EmbeddedResource;
import io.modelcontextprotocol.spec.McpSchema.GetPromptRequest;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.ImageContent;
import io.modelcontextprotocol.spec.McpSchema.LoggingLevel;
import io.modelcontextprotocol.spec.McpSchema.LoggingMessageNotification;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.Prompt;
import io.modelcontextprotocol.spec.McpSchema.PromptArgument;
import io.modelcontextprotocol.spec.McpSchema.PromptMessage;
import io.modelcontextprotocol.spec.McpSchema.PromptReference;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;
import io.modelcontextprotocol.spec.McpSchema.Resource;
import io.modelcontextprotocol.spec.McpSchema.ResourceContents;
import io.modelcontextprotocol.spec.McpSchema.ResourceTemplate;
import io.modelcontextprotocol.spec.McpSchema.Role;
import io.modelcontextprotocol.spec.McpSchema.SamplingMessage;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.TextResourceContents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** What the official conformance suite expects of a server besides its protocol: tools, prompts and resources of these very names. */
final class ConformanceFixture {
    private static final Map<String, Object> NO_ARGUMENTS = Map.of("type", "object", "properties", Map.of());

    /** The smallest picture and the smallest sound, in Base64. */
    private static final String PICTURE =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private static final String SOUND = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

    private static final String PNG = "image/png";
    private static final String PLAIN = "text/plain";
    private static final String STRING = "string";

    /** Jackson 3.2 refuses to write the SDK 2.1.0's elicitations, whose type is also a property of theirs. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXISTING_PROPERTY, property = "mode")
    private interface Mode {}

    /** The server's own, and able to write what it never sends: elicitations. */
    static final McpJsonMapper MAPPER = new JacksonMcpJsonMapper(JsonMapper.builder()
            .addMixIn(McpSchema.ElicitRequest.class, Mode.class)
            .build());

    private ConformanceFixture() {}

    /** Tells whether a request calls one of these tools. */
    static boolean answers(RpcMessage.Request request) {
        return request.method().equals(McpSchema.METHOD_TOOLS_CALL)
                && request.params().members().get("name") instanceof JsonString(String name)
                && name.startsWith("test_");
    }

    /** Adds all of it next to what is there. */
    static void addTo(McpServer.AsyncSpecification<?> server) {
        List<AsyncToolSpecification> tools = new ArrayList<>();
        tools.addAll(toolsOfContent());
        tools.addAll(toolsThatTell());
        tools.addAll(toolsThatAsk());
        server.jsonMapper(MAPPER)
                .capabilities(ServerCapabilities.builder()
                        .completions()
                        .logging()
                        .prompts(false)
                        .resources(true, false)
                        .tools(false)
                        .build())
                .tools(tools)
                .prompts(prompts())
                .resources(resources())
                .resourceTemplates(List.of(template()))
                .completions(List.of(new AsyncCompletionSpecification(
                        new PromptReference("test_prompt_with_arguments"),
                        (_, _) -> Mono.just(new CompleteResult(
                                new CompleteResult.CompleteCompletion(List.of("paris", "park"), 2, false))))));
    }

    private static List<AsyncToolSpecification> toolsOfContent() {
        return List.of(
                tool("test_simple_text", "Returns a text", text("This is a simple text response for testing.")),
                tool("test_image_content", "Returns a picture", picture()),
                tool(
                        "test_audio_content",
                        "Returns a sound",
                        AudioContent.builder(SOUND, "audio/wav").build()),
                tool(
                        "test_embedded_resource",
                        "Returns a resource",
                        embedded("test://embedded-resource", PLAIN, "This is an embedded resource content.")),
                tool(
                        "test_multiple_content_types",
                        "Returns contents of several kinds",
                        text("Multiple content types test:"),
                        picture(),
                        embedded(
                                "test://mixed-content-resource",
                                "application/json",
                                "{\"test\":\"data\",\"value\":123}")),
                tool(
                        "json_schema_2020_12_tool",
                        "Has a schema with references",
                        Map.of(
                                "$schema",
                                "https://json-schema.org/draft/2020-12/schema",
                                "type",
                                "object",
                                "$defs",
                                Map.of(
                                        "address",
                                        Map.of(
                                                "type",
                                                "object",
                                                "properties",
                                                Map.of("street", Map.of("type", STRING)))),
                                "properties",
                                Map.of("name", Map.of("type", STRING), "address", Map.of("$ref", "#/$defs/address")),
                                "additionalProperties",
                                false),
                        (_, _) -> Mono.just(result(text("ok")))));
    }

    private static List<AsyncToolSpecification> toolsThatTell() {
        return List.of(
                tool(
                        "test_tool_with_logging",
                        "Logs while it runs",
                        NO_ARGUMENTS,
                        (exchange, _) -> Flux.just(
                                        "Tool execution started", "Tool processing data", "Tool execution completed")
                                .concatMap(line -> exchange.loggingNotification(
                                        LoggingMessageNotification.builder(LoggingLevel.INFO, line)
                                                .build()))
                                .then(Mono.just(result(text("logged"))))),
                tool(
                        "test_tool_with_progress",
                        "Reports progress",
                        NO_ARGUMENTS,
                        (exchange, call) -> Flux.just(0.0, 50.0, 100.0)
                                .concatMap(progress -> exchange.progressNotification(
                                        ProgressNotification.builder(call.progressToken(), progress)
                                                .total(100.0)
                                                .build()))
                                .then(Mono.just(result(text("progressed"))))),
                tool(
                        "test_error_handling",
                        "Fails",
                        NO_ARGUMENTS,
                        (_, _) -> Mono.just(CallToolResult.builder(
                                        List.of(text("This tool intentionally returns an error for testing")))
                                .isError(true)
                                .build())));
    }

    private static List<AsyncToolSpecification> toolsThatAsk() {
        return List.of(
                tool(
                        "test_sampling",
                        "Asks the client's model",
                        properties(Map.of("prompt", Map.of("type", STRING))),
                        (exchange, call) -> exchange.createMessage(CreateMessageRequest.builder(
                                                List.of(SamplingMessage.builder(
                                                                Role.USER, text(argument(call, "prompt")))
                                                        .build()),
                                                100)
                                        .build())
                                .map(answer -> result(text("LLM response: " + answer.content())))),
                tool(
                        "test_elicitation",
                        "Asks the user",
                        properties(Map.of("message", Map.of("type", STRING))),
                        (exchange, call) -> elicit(
                                exchange,
                                argument(call, "message"),
                                Map.of("username", Map.of("type", STRING), "email", Map.of("type", STRING)))),
                tool(
                        "test_elicitation_sep1034_defaults",
                        "Asks with defaults",
                        NO_ARGUMENTS,
                        (exchange, _) -> elicit(
                                exchange,
                                "Please check these",
                                Map.of(
                                        "name",
                                        Map.of("type", STRING, "default", "John Doe"),
                                        "age",
                                        Map.of("type", "integer", "default", 30),
                                        "score",
                                        Map.of("type", "number", "default", 95.5),
                                        "status",
                                        Map.of(
                                                "type",
                                                STRING,
                                                "enum",
                                                List.of("active", "inactive", "pending"),
                                                "default",
                                                "active"),
                                        "verified",
                                        Map.of("type", "boolean", "default", true)))),
                tool(
                        "test_elicitation_sep1330_enums",
                        "Asks for choices",
                        NO_ARGUMENTS,
                        (exchange, _) -> elicit(
                                exchange,
                                "Please choose",
                                Map.of(
                                        "untitledSingle",
                                        choice("option1", "option2", "option3"),
                                        "titledSingle",
                                        Map.of("type", STRING, "oneOf", titled()),
                                        "legacyEnum",
                                        Map.of(
                                                "type",
                                                STRING,
                                                "enum",
                                                List.of("opt1", "opt2", "opt3"),
                                                "enumNames",
                                                List.of("One", "Two", "Three")),
                                        "untitledMulti",
                                        Map.of("type", "array", "items", choice("option1", "option2", "option3")),
                                        "titledMulti",
                                        Map.of("type", "array", "items", Map.of("anyOf", titled()))))));
    }

    private static Map<String, Object> choice(String... values) {
        return Map.of("type", STRING, "enum", List.of(values));
    }

    private static List<Map<String, String>> titled() {
        return List.of(
                Map.of("const", "value1", "title", "First"),
                Map.of("const", "value2", "title", "Second"),
                Map.of("const", "value3", "title", "Third"));
    }

    private static Mono<CallToolResult> elicit(
            McpAsyncServerExchange exchange, String message, Map<String, Object> properties) {
        return exchange.createElicitation(ElicitFormRequest.builder(message, properties(properties))
                        .build())
                .map(answer ->
                        result(text("User response: action=" + answer.action() + ", content=" + answer.content())));
    }

    /** A schema in which everything is required. */
    private static Map<String, Object> properties(Map<String, ?> properties) {
        return Map.of("type", "object", "properties", properties, "required", List.copyOf(properties.keySet()));
    }

    private static List<AsyncPromptSpecification> prompts() {
        return List.of(
                prompt("test_simple_prompt", List.of(), _ -> List.of(text("This is a simple prompt for testing."))),
                prompt(
                        "test_prompt_with_arguments",
                        List.of("arg1", "arg2"),
                        request -> List.of(text("Prompt with arguments: arg1='"
                                + request.arguments().get("arg1") + "', arg2='"
                                + request.arguments().get("arg2") + "'"))),
                prompt(
                        "test_prompt_with_embedded_resource",
                        List.of("resourceUri"),
                        request -> List.of(
                                embedded(
                                        String.valueOf(request.arguments().get("resourceUri")),
                                        PLAIN,
                                        "Embedded resource content for testing."),
                                text("Please process the embedded resource above."))),
                prompt(
                        "test_prompt_with_image",
                        List.of(),
                        _ -> List.of(picture(), text("Please analyze the image above."))));
    }

    private static AsyncPromptSpecification prompt(
            String name, List<String> arguments, Function<GetPromptRequest, List<Content>> contents) {
        return new AsyncPromptSpecification(
                Prompt.builder(name)
                        .description("For the conformance suite")
                        .arguments(arguments.stream()
                                .map(argument -> PromptArgument.builder(argument)
                                        .description("Any text")
                                        .required(true)
                                        .build())
                                .toList())
                        .build(),
                (_, request) -> Mono.just(GetPromptResult.builder(contents.apply(request).stream()
                                .map(content -> PromptMessage.builder(Role.USER, content)
                                        .build())
                                .toList())
                        .build()));
    }

    private static List<AsyncResourceSpecification> resources() {
        return List.of(
                resource(
                        "test://static-text",
                        PLAIN,
                        textResource("test://static-text", PLAIN, "This is the content of the static text resource.")),
                resource(
                        "test://static-binary",
                        PNG,
                        BlobResourceContents.builder("test://static-binary", PICTURE)
                                .mimeType(PNG)
                                .build()),
                resource("test://watched-resource", PLAIN, textResource("test://watched-resource", PLAIN, "watched")));
    }

    private static AsyncResourceSpecification resource(String uri, String type, ResourceContents contents) {
        return new AsyncResourceSpecification(
                Resource.builder(uri, uri)
                        .description("For the conformance suite")
                        .mimeType(type)
                        .build(),
                (_, _) ->
                        Mono.just(ReadResourceResult.builder(List.of(contents)).build()));
    }

    private static AsyncResourceTemplateSpecification template() {
        return new AsyncResourceTemplateSpecification(
                ResourceTemplate.builder("test://template/{id}/data", "Template")
                        .description("For the conformance suite")
                        .mimeType("application/json")
                        .build(),
                (_, request) -> {
                    String id = Arrays.asList(request.uri().split("/")).get(3);
                    return Mono.just(ReadResourceResult.builder(List.of(textResource(
                                    request.uri(),
                                    "application/json",
                                    "{\"id\":\"" + id + "\",\"templateTest\":true,\"data\":\"Data for ID: " + id
                                            + "\"}")))
                            .build());
                });
    }

    private static AsyncToolSpecification tool(String name, String description, Content... contents) {
        return tool(name, description, NO_ARGUMENTS, (_, _) -> Mono.just(result(contents)));
    }

    private static AsyncToolSpecification tool(
            String name,
            String description,
            Map<String, Object> schema,
            BiFunction<McpAsyncServerExchange, CallToolRequest, Mono<CallToolResult>> handler) {
        return new AsyncToolSpecification(
                McpSchema.Tool.builder(name, schema).description(description).build(), handler);
    }

    private static CallToolResult result(Content... contents) {
        return CallToolResult.builder(List.of(contents)).isError(false).build();
    }

    private static String argument(CallToolRequest call, String name) {
        return String.valueOf(call.arguments().get(name));
    }

    private static TextContent text(String text) {
        return TextContent.builder(text).build();
    }

    private static ImageContent picture() {
        return ImageContent.builder(PICTURE, PNG).build();
    }

    private static EmbeddedResource embedded(String uri, String type, String text) {
        return EmbeddedResource.builder(textResource(uri, type, text)).build();
    }

    private static TextResourceContents textResource(String uri, String type, String text) {
        return TextResourceContents.builder(uri, text).mimeType(type).build();
    }
}
