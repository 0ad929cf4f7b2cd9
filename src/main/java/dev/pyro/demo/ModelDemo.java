package dev.pyro.demo;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.ToolResult;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.sdk.Pyro;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A language model is asked for something that needs a machine, and is offered the tool that makes one. Its calls are made, and what
 * comes of them goes back to it, until it answers. Where it makes no call that works, the demonstration makes it. Not safe for use by
 * several threads.
 */
public final class ModelDemo {
    /** How often a model is asked at most. */
    static final int MAX_ROUNDS = 6;

    /** How much of a result goes back to the model, whose context is small. */
    static final int MAX_RESULT_CHARS = 16_000;

    /** How long the talk goes on at most, apart from what is under way then. */
    static final Duration TALK_BOUND = Duration.ofMinutes(15);

    /** A model may ask for less of these, but not for more. */
    private static final Map<String, Long> MOST =
            Map.of("timeout_seconds", 120L, "ttl_seconds", 600L, "vcpu_count", 2L, "mem_mib", 2048L);

    private static final String TOOL = "vm_run";
    private static final String SYSTEM =
            "You have a tool that runs a shell command in a fresh, disposable Linux machine. Use it whenever you are asked"
                    + " about what a command prints. Never guess its output. Answer in one sentence.";
    private static final String QUESTION = "Run the command `" + RunDemo.COMMAND + "` in the environment "
            + RunDemo.ENVIRONMENT + " with the tool " + TOOL + ", and tell me which version of git it has.";

    private final Toolbox toolbox;
    private final boolean allowHostCompat;
    private final Progress.Listener progress;
    private final BiConsumer<String, String> steps;
    private @Nullable JsonReader lastRun;

    /**
     * @param allowHostCompat whether Linux namespaces may stand in where no guest can be had
     * @param progress hears of long work
     * @param steps hears of each step: who acts ({@code model}, {@code tool}, {@code fallback}), and what it says; the latter may hold
     *     anything
     */
    public ModelDemo(Pyro pyro, boolean allowHostCompat, Progress.Listener progress, BiConsumer<String, String> steps) {
        this.toolbox = new Toolbox(pyro, ToolProfile.VM_RUN);
        this.allowHostCompat = allowHostCompat;
        this.progress = progress;
        this.steps = steps;
    }

    /**
     * What came of it.
     *
     * @param exitCode the command's
     * @param fallbackUsed whether the model made no call that worked
     * @param executionMode how the command was run
     * @param stdout what it printed
     */
    public record Summary(long exitCode, boolean fallbackUsed, String executionMode, String stdout) {}

    /**
     * Asks, and answers the model's calls.
     *
     * @throws PyroException {@link ErrorCode#MODEL_UNAVAILABLE}, and those of a run
     */
    public Summary run(ModelServer server) {
        steps.accept("model", "asking " + server);
        try (ChatClient client = new ChatClient(server)) {
            talk(server, client);
        }
        boolean fallback = lastRun == null;
        if (fallback) {
            steps.accept(
                    "fallback", "the model made no call that worked; making it: " + TOOL + " " + Json.write(ownCall()));
            ToolResult result = call(TOOL, ownCall());
            if (result.failed()) {
                JsonReader failure = new JsonReader(result.payload());
                throw new PyroException(ErrorCode.valueOf(failure.string("code")), failure.string("error"));
            }
        }
        JsonReader run = lastRun;
        if (run == null) {
            throw new IllegalStateException("a run that worked left no result");
        }
        return new Summary(run.number("exit_code"), fallback, run.string("execution_mode"), run.string("stdout"));
    }

    private void talk(ModelServer server, ChatClient client) {
        List<JsonValue> messages = new ArrayList<>();
        messages.add(message("system", SYSTEM));
        messages.add(message("user", QUESTION));
        long start = System.nanoTime();
        for (int round = 0; round < MAX_ROUNDS && System.nanoTime() - start < TALK_BOUND.toNanos(); round++) {
            ModelAnswer answer = ask(server, client, messages);
            if (!answer.text().isBlank()) {
                steps.accept("model", answer.text().strip());
            }
            if (answer.calls().isEmpty()) {
                return;
            }
            messages.add(answer.toMessage());
            for (ModelAnswer.Call call : answer.calls()) {
                messages.add(JsonObject.builder()
                        .put("role", "tool")
                        .put("tool_call_id", call.id())
                        .put("content", answered(call))
                        .build());
            }
        }
        steps.accept("model", "it came to no end");
    }

    private ModelAnswer ask(ModelServer server, ChatClient client, List<JsonValue> messages) {
        JsonReader completion = client.complete(JsonObject.builder()
                .put("model", server.model())
                .put("messages", new JsonArray(messages))
                .put("tools", tools())
                .put("tool_choice", "auto")
                .put("stream", false)
                .put("temperature", new JsonLong(0))
                .build());
        try {
            return ModelAnswer.of(completion);
        } catch (JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.MODEL_UNAVAILABLE,
                    "the model server at " + server.baseUrl() + " answers with something that is no chat completion: "
                            + e.getMessage() + "; check that --base-url is that of an OpenAI-compatible interface",
                    e);
        }
    }

    /** Makes a call; what is wrong with it is told to the model, which may do better. */
    private String answered(ModelAnswer.Call call) {
        steps.accept("tool", call.name() + " " + call.arguments());
        JsonObject arguments;
        try {
            arguments = Json.parseObject(call.arguments().isBlank() ? "{}" : call.arguments())
                    .object();
        } catch (JsonFormatException e) {
            steps.accept("tool", "refused: the arguments are no JSON object");
            return "{\"ok\":false,\"error\":\"the arguments are no JSON object; send one\"}";
        }
        ToolResult result = call(call.name(), arguments);
        String content = Json.write(result.payload());
        return content.length() <= MAX_RESULT_CHARS ? content : content.substring(0, MAX_RESULT_CHARS) + "… (cut)";
    }

    private ToolResult call(String name, JsonObject arguments) {
        ToolResult result = toolbox.call(name, limited(arguments), OutputListener.NONE, progress);
        JsonReader payload = new JsonReader(result.payload());
        if (result.failed()) {
            if (payload.string("code").equals(ErrorCode.INTERRUPTED.name())) {
                throw new PyroException(ErrorCode.INTERRUPTED, payload.string("error"));
            }
            steps.accept("tool", "refused: " + payload.string("error"));
        } else {
            lastRun = payload;
            steps.accept(
                    "tool",
                    "exit_code=" + payload.number("exit_code") + " duration_ms=" + payload.number("duration_ms"));
        }
        return result;
    }

    /** What a model asks for is a stranger's wish: it gets no network, and no more of this host than a demonstration needs. */
    private JsonObject limited(JsonObject arguments) {
        Map<String, JsonValue> members = new TreeMap<>(arguments.members());
        MOST.forEach((name, most) -> members.computeIfPresent(
                name,
                (_, value) -> value instanceof JsonLong(long number) && number > most ? new JsonLong(most) : value));
        members.computeIfPresent(
                "network", (_, value) -> value instanceof JsonBoolean ? new JsonBoolean(false) : value);
        if (allowHostCompat) {
            members.put("allow_host_compat", new JsonBoolean(true));
        }
        return new JsonObject(members);
    }

    private JsonArray tools() {
        return new JsonArray(toolbox.tools().stream()
                .map(tool -> (JsonValue) JsonObject.builder()
                        .put("type", "function")
                        .put(
                                "function",
                                JsonObject.builder()
                                        .put("name", tool.name())
                                        .put("description", tool.description())
                                        .put("parameters", tool.inputSchema())
                                        .build())
                        .build())
                .toList());
    }

    private static JsonObject ownCall() {
        return JsonObject.builder()
                .put("environment", RunDemo.ENVIRONMENT)
                .put("command", RunDemo.COMMAND)
                .build();
    }

    private static JsonObject message(String role, String content) {
        return JsonObject.builder()
                .put("role", role)
                .put("content", new JsonString(content))
                .build();
    }
}
