package dev.pyro.mcp.server;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.Tool;
import dev.pyro.mcp.ToolHints;
import dev.pyro.mcp.ToolResult;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Content;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import tools.jackson.databind.json.JsonMapper;

/** What every transport serves: our tools in the SDK's terms, each call on a thread of its own that can be cancelled. */
public final class ToolServer {
    /** Where a transport leaves the {@link CallRegistry.Ticket} of a request for the tool that is called. */
    public static final String CALL_KEY = "dev.pyro.call";

    /** One for all: making it is most of a start. */
    public static final McpJsonMapper MAPPER =
            new JacksonMcpJsonMapper(JsonMapper.builder().build());

    /** How long one notification may take to be sent. */
    private static final Duration NOTIFICATION_BOUND = Duration.ofSeconds(10);

    /** Arguments are checked by the tool table, whose messages are better; payloads are our own. */
    private static final JsonSchemaValidator NO_VALIDATION =
            (schema, content) -> JsonSchemaValidator.ValidationResponse.asValid(null);

    private final Toolbox toolbox;
    private final CallRegistry calls;
    private final String version;

    public ToolServer(Toolbox toolbox, CallRegistry calls, String version) {
        this.toolbox = toolbox;
        this.calls = calls;
        this.version = version;
    }

    /** Puts everything that a client sees into the SDK's builder of a server over some transport. */
    public void configure(McpServer.AsyncSpecification<?> specification) {
        specification
                .serverInfo(
                        Implementation.builder("pyro", version).title("Pyro").build())
                .capabilities(ServerCapabilities.builder().tools(false).build())
                .instructions(toolbox.instructions())
                .jsonMapper(MAPPER)
                .jsonSchemaValidator(NO_VALIDATION)
                .validateToolInputs(false)
                .tools(toolbox.tools().stream().map(this::specification).toList());
    }

    private AsyncToolSpecification specification(Tool tool) {
        return new AsyncToolSpecification(
                schema(tool), (exchange, request) -> Mono.create(sink -> start(exchange, request, sink)));
    }

    private static McpSchema.Tool schema(Tool tool) {
        ToolHints hints = tool.hints();
        return McpSchema.Tool.builder(tool.name(), PlainJson.of(tool.inputSchema()))
                .title(tool.title())
                .description(tool.description())
                .outputSchema(PlainJson.of(tool.outputSchema()))
                .annotations(McpSchema.ToolAnnotations.builder()
                        .title(tool.title())
                        .readOnlyHint(hints.readOnly())
                        .destructiveHint(hints.destructive())
                        .idempotentHint(hints.idempotent())
                        .openWorldHint(hints.openWorld())
                        .build())
                .build();
    }

    private void start(McpAsyncServerExchange exchange, CallToolRequest request, MonoSink<CallToolResult> sink) {
        CallRegistry.Ticket ticket = (CallRegistry.Ticket)
                Objects.requireNonNull(exchange.transportContext().get(CALL_KEY), CALL_KEY);
        Map<String, Object> given = request.arguments();
        JsonObject arguments = given == null ? JsonObject.builder().build() : PlainJson.object(given);
        String tool = request.name();
        Optional<ToolResult> refusal = toolbox.refusal(tool, arguments);
        if (refusal.isPresent()) {
            sink.success(result(refusal.get()));
            return;
        }
        Object token = request.progressToken();
        CallRegistry.Admission admission = calls.start(
                ticket,
                PlainJson.weight(arguments),
                turn -> token == null
                        ? call(turn, tool, arguments)
                        : call(turn, tool, arguments, new CallProgress(sender(exchange, token))),
                new Caller(sink));
        switch (admission) {
            case STARTED -> {}
            case WITHDRAWN -> sink.success();
            case DUPLICATE ->
                sink.error(McpError.builder(McpSchema.ErrorCodes.INVALID_REQUEST)
                        .message("a request of this id is under way already; give each request an id of its own")
                        .build());
            case TOO_MANY ->
                sink.success(tooMany("there are as many calls under way as are allowed, " + CallRegistry.MAX_CALLS
                        + " of one client"));
            case TOO_HEAVY ->
                sink.success(tooMany("the arguments of the calls that are under way fill the memory that is for them"));
        }
    }

    private static CallToolResult tooMany(String what) {
        return result(
                ToolResult.failure(ErrorCode.TOO_MANY_CALLS, what + "; wait until some of them end, or cancel some"));
    }

    private ToolResult call(CallRegistry.Turn turn, String tool, JsonObject arguments) throws InterruptedException {
        turn.take(() -> {});
        return toolbox.call(tool, arguments, OutputListener.NONE, Progress.Listener.NONE);
    }

    private ToolResult call(CallRegistry.Turn turn, String tool, JsonObject arguments, CallProgress progress)
            throws InterruptedException {
        // It begins before the turn: a client gives up a call of which it hears nothing, also one that waits.
        try (progress) {
            try {
                turn.take(() -> progress.onProgress(Progress.of("call", "wait", tool)));
            } catch (InterruptedException e) {
                // Withdrawn before it began. There is nobody left to tell.
                Thread.currentThread().interrupt();
                throw e;
            }
            return toolbox.call(tool, arguments, progress, progress);
        }
    }

    private static CallProgress.Sender sender(McpAsyncServerExchange exchange, Object token) {
        return (number, message) -> exchange.progressNotification(
                        new ProgressNotification(token, (double) number, null, message, null))
                .onErrorComplete()
                .block(NOTIFICATION_BOUND);
    }

    /** The SDK's end of a call. */
    private record Caller(MonoSink<CallToolResult> sink) implements CallRegistry.Caller<ToolResult> {
        @Override
        public void answer(ToolResult result) {
            sink.success(result(result));
        }

        @Override
        public void withdrawn() {
            // The SDK sends no answer then.
            sink.success();
        }

        @Override
        public void failed(Throwable failure) {
            answer(ToolResult.failure(ErrorCode.INTERNAL, "a defect in Pyro: " + failure));
        }
    }

    /** Returns a tool's result as the SDK's: the payload as text for a model and as a tree for a program. */
    static CallToolResult result(ToolResult result) {
        List<Content> content =
                List.of(TextContent.builder(Json.write(result.payload())).build());
        CallToolResult.Builder builder = CallToolResult.builder(content).isError(result.failed());
        // A failure has no structure: OpenCode holds every structure to the tool's output schema, and shows its own
        // error instead.
        return result.failed()
                ? builder.build()
                : builder.structuredContent(PlainJson.of(result.payload())).build();
    }
}
