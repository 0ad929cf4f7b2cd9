package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.sdk.Pyro;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tools of one profile, ready to be called. Safe for use by several threads. */
public final class Toolbox {
    private static final Logger LOG = LoggerFactory.getLogger(Toolbox.class);

    private final Pyro pyro;
    private final ToolProfile profile;
    private final List<Tool> tools;

    public Toolbox(Pyro pyro, ToolProfile profile) {
        this(pyro, profile, ToolTable.tools(profile));
    }

    /** A box with other tools. */
    public Toolbox(Pyro pyro, ToolProfile profile, List<Tool> tools) {
        this.pyro = pyro;
        this.profile = profile;
        this.tools = List.copyOf(tools);
    }

    /** Returns the tools in the order in which they are shown. */
    public List<Tool> tools() {
        return tools;
    }

    /** Returns what a model is told about the tools when a session begins. */
    public String instructions() {
        return ServerInstructions.text(profile);
    }

    /** Tells whether there is a tool of this name. */
    public boolean has(String name) {
        return tools.stream().anyMatch(tool -> tool.name().equals(name));
    }

    /**
     * Calls a tool and waits for its end. Every failure is a result, also that there is no such tool. The calling thread may be
     * interrupted: the call then fails with {@link ErrorCode#INTERRUPTED} and leaves nothing behind.
     *
     * @param output hears of a command's output as it comes
     * @param progress hears of the steps of long work
     */
    public ToolResult call(String name, JsonObject arguments, OutputListener output, Progress.Listener progress) {
        try {
            Tool tool = find(name);
            ToolArguments checked = ToolArguments.check(name, tool.parameters(), arguments);
            return ResultBounds.bound(tool.action().run(new ToolCall(pyro, checked, output, progress)));
        } catch (PyroException e) {
            return ToolResult.failure(e.code(), e.getMessage());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            LOG.error("the tool {} failed by a defect", Arguments.printable(name), e);
            return ToolResult.failure(ErrorCode.INTERNAL, "a defect in Pyro: " + e);
        }
    }

    /** Returns the failure of a call whose tool or arguments are none; empty when only the call itself can tell. Waits for nothing. */
    public Optional<ToolResult> refusal(String name, JsonObject arguments) {
        try {
            ToolArguments.check(name, find(name).parameters(), arguments);
            return Optional.empty();
        } catch (PyroException e) {
            return Optional.of(ToolResult.failure(e.code(), e.getMessage()));
        }
    }

    private Tool find(String name) {
        return tools.stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "there is no tool \"" + Arguments.printable(name) + "\" in the profile " + profile.wireName()
                                + "; it has "
                                + tools.stream().map(Tool::name).collect(Collectors.joining(", "))));
    }
}
