package dev.pyro.mcp;

import static dev.pyro.mcp.Parameters.SECRET_ENV;
import static dev.pyro.mcp.Parameters.USER;
import static dev.pyro.mcp.Parameters.WORKSPACE_ID;

import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ParameterType.Text;
import dev.pyro.mcp.ParameterType.TruthValue;
import dev.pyro.mcp.ParameterType.WholeNumber;
import dev.pyro.model.Arguments;
import dev.pyro.model.OpenShell;
import dev.pyro.model.ReadShell;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ShellPayloads;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The tools about the shells of workspaces. Stateless. */
final class ShellTools {
    private static final int MAX_REFERENCE_CHARS = 64;

    /** What one character takes at most in JSON. */
    private static final int MAX_CHARACTER_BYTES = 6;

    /** The largest whole number that every client reads. */
    private static final long MAX_CURSOR = (1L << 53) - 1;

    private static final ToolParameter SHELL_ID = ToolParameter.required(
            "shell_id", Text.of(1, MAX_REFERENCE_CHARS), "The id that shell_open returned, or its beginning.");

    private static final ToolParameter CWD =
            Parameters.guestPath("cwd", "The directory it starts in; a relative one is in /workspace.");

    private static final ToolParameter COLS = ToolParameter.number(
            "cols",
            OpenShell.DEFAULT_COLS,
            new WholeNumber(1, OpenShell.MAX_SIZE),
            "Columns of its terminal; longer lines are wrapped.");

    private static final ToolParameter ROWS = ToolParameter.number(
            "rows", OpenShell.DEFAULT_ROWS, new WholeNumber(1, OpenShell.MAX_SIZE), "Rows of its terminal.");

    private static final ToolParameter CURSOR = ToolParameter.number(
            "cursor",
            0,
            new WholeNumber(0, MAX_CURSOR),
            "Where to begin: 0, the next_cursor of the last read, or the end_cursor of a write.");

    private static final ToolParameter MAX_CHARS = ToolParameter.number(
            "max_chars",
            ReadShell.DEFAULT_MAX_CHARS,
            new WholeNumber(1, ReadShell.MAX_CHARS),
            "The most characters to return. At most about " + ResultBounds.COMFORTABLE_BYTES / 1000
                    + " KB are returned, whatever is given here; read on at next_cursor.");

    private static final ToolParameter WAIT_FOR = ToolParameter.nullable(
            "wait_for",
            Text.of(1, ReadShell.MAX_WAIT_FOR_CHARS),
            "Wait until the output from cursor on holds this text, such as a prompt. The echo of your own input counts, too.");

    private static final ToolParameter WAIT_IDLE = ToolParameter.nullable(
            "wait_idle_ms",
            new WholeNumber(ReadShell.MIN_IDLE.toMillis(), ReadShell.MAX_IDLE.toMillis()),
            "Wait until there is output and none has come for so many milliseconds, such as 500. Instead of wait_for.");

    private static final ToolParameter TIMEOUT = ToolParameter.number(
            "timeout_seconds",
            ReadShell.DEFAULT_TIMEOUT.toSeconds(),
            new WholeNumber(Arguments.MIN_TIMEOUT.toSeconds(), Arguments.MAX_TIMEOUT.toSeconds()),
            "The longest to wait; then what is there is returned, and wait_satisfied is false.");

    private static final ToolParameter INPUT = ToolParameter.required(
            "input",
            Text.of(0, ShellInput.MAX_BYTES),
            "What is typed, at most 1 MiB. Control keys are characters: \\u0003 is Ctrl-C, \\u0004 ends the input.");

    private static final ToolParameter APPEND_NEWLINE = new ToolParameter(
            "append_newline", "Whether Enter is pressed behind it.", new TruthValue(), new JsonBoolean(true));

    private static final ToolParameter SIGNAL = ToolParameter.text(
            "signal_name",
            ShellSignal.INT.name(),
            Text.oneOf(Arrays.stream(ShellSignal.values()).map(Enum::name).toList()),
            "INT interrupts as Ctrl-C does; TERM, HUP and KILL end.");

    private ShellTools() {}

    static List<Tool> all() {
        return List.of(open(), read(), write(), signal(), close());
    }

    private static Tool open() {
        return new Tool(
                "shell_open",
                "Open a shell",
                "Open a shell in a running workspace, on a terminal of its own. It stays between calls with its directory, variables "
                        + "and what runs in it. Use it for programs that last, ask questions or need a terminal; for single commands "
                        + "workspace_exec is simpler. Returns shell_id; shell_write types, shell_read shows the output. "
                        + "It ends when the workspace is stopped or reset.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, CWD, COLS, ROWS, SECRET_ENV, USER),
                OutputSchemas.SHELL,
                ToolHints.ADDS.withOpenWorld(),
                call -> {
                    ToolArguments arguments = call.arguments();
                    OpenShell options = OpenShell.defaults()
                            .withCwd(arguments.text(CWD.name()))
                            .withSize(arguments.integer(COLS.name()), arguments.integer(ROWS.name()))
                            .withSecretEnv(Parameters.secretEnv(arguments))
                            .withUser(Parameters.user(arguments));
                    return ToolAnswer.of(
                            ShellPayloads.shell(call.pyro().openShell(Parameters.workspaceId(call), options)));
                });
    }

    private static Tool read() {
        return new Tool(
                "shell_read",
                "Read a shell's output",
                "Return what a shell wrote from cursor on, the echo of your input included; pass next_cursor to the next read. "
                        + "Do not poll: wait_for a text, such as the end of a prompt, or wait_idle_ms for a pause. "
                        + "About the last 1 MiB is kept; truncated says that output before it is lost. "
                        + "state and exit_code tell whether the shell has ended.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SHELL_ID, CURSOR, MAX_CHARS, WAIT_FOR, WAIT_IDLE, TIMEOUT),
                OutputSchemas.SHELL_OUTPUT,
                ToolHints.LOOKS,
                call -> {
                    WorkspaceId workspace = Parameters.workspaceId(call);
                    ShellId shell = shellId(call, workspace);
                    return ToolAnswer.of(ShellPayloads.output(fitting(
                            readOptions(call.arguments()),
                            options -> call.pyro().readShell(workspace, shell, options))));
                });
    }

    private static ReadShell readOptions(ToolArguments arguments) {
        @Nullable Long idle = arguments.nullableNumber(WAIT_IDLE.name());
        return ReadShell.defaults()
                .withCursor(arguments.number(CURSOR.name()))
                .withMaxChars(arguments.integer(MAX_CHARS.name()))
                .withWaitFor(arguments.nullableText(WAIT_FOR.name()))
                .withWaitIdle(idle == null ? null : Duration.ofMillis(idle))
                .withTimeout(arguments.seconds(TIMEOUT.name()));
    }

    /**
     * Reads no more than a result can hold: what is cut off afterwards would be lost to a reader who goes on at {@code next_cursor}. How many
     * characters that are is only seen when they are there.
     */
    static ShellOutput fitting(ReadShell wanted, Function<ReadShell, ShellOutput> reader) {
        ReadShell options = wanted.withMaxChars(Math.min(wanted.maxChars(), ResultBounds.COMFORTABLE_BYTES));
        ShellOutput output = reader.apply(options);
        @Nullable Boolean satisfied = output.waitSatisfied();
        long room = room(output);
        if (JsonSize.ofText(output.output()) > room) {
            String prefix = Excerpt.prefix(output.output(), room);
            int chars = Math.max(1, prefix.codePointCount(0, prefix.length()));
            output = reader.apply(options.withoutWaiting().withMaxChars(chars));
            if (JsonSize.ofText(output.output()) > room(output)) {
                // Meanwhile the oldest output was dropped, and what is there now takes more.
                int fewest = (int) Math.max(1, room(output) / MAX_CHARACTER_BYTES);
                output = reader.apply(options.withoutWaiting().withMaxChars(fewest));
            }
        }
        return output.withWaitSatisfied(satisfied);
    }

    /** Returns how much text fits beside the rest of a payload. */
    private static long room(ShellOutput output) {
        JsonObject payload = ShellPayloads.output(output);
        return Math.min(
                ResultBounds.COMFORTABLE_BYTES,
                ResultBounds.roomBeside(JsonSize.of(payload) - JsonSize.ofText(output.output())));
    }

    private static Tool write() {
        return new Tool(
                "shell_write",
                "Type into a shell",
                "Type text into a shell and press Enter: a command for its prompt, or an answer for what runs in it. It does not wait "
                        + "for what comes of it: shell_read from the returned end_cursor, with wait_for or wait_idle_ms.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SHELL_ID, INPUT, APPEND_NEWLINE),
                OutputSchemas.SHELL_INPUT,
                ToolHints.REPLACES.withoutIdempotence().withOpenWorld(),
                call -> {
                    WorkspaceId workspace = Parameters.workspaceId(call);
                    return ToolAnswer.of(ShellPayloads.input(call.pyro()
                            .writeShell(
                                    workspace,
                                    shellId(call, workspace),
                                    call.arguments().text(INPUT.name()),
                                    call.arguments().flag(APPEND_NEWLINE.name()))));
                });
    }

    private static Tool signal() {
        return new Tool(
                "shell_signal",
                "Interrupt what runs in a shell",
                "Send a signal to the program that runs in the foreground of a shell's terminal, such as INT for one that hangs. "
                        + "At a prompt the shell itself gets it.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SHELL_ID, SIGNAL),
                OutputSchemas.SHELL_SIGNALLED,
                ToolHints.REPLACES.withoutIdempotence(),
                call -> {
                    WorkspaceId workspace = Parameters.workspaceId(call);
                    return ToolAnswer.of(ShellPayloads.signalled(call.pyro()
                            .signalShell(
                                    workspace,
                                    shellId(call, workspace),
                                    ShellSignal.of(call.arguments().text(SIGNAL.name())))));
                });
    }

    private static Tool close() {
        return new Tool(
                "shell_close",
                "Close a shell",
                "End a shell with all that runs in it; its output cannot be read any more. Files stay. "
                        + "Close shells that you no longer need.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SHELL_ID),
                OutputSchemas.SHELL_CLOSED,
                ToolHints.REPLACES,
                call -> {
                    WorkspaceId workspace = Parameters.workspaceId(call);
                    return ToolAnswer.of(
                            ShellPayloads.closed(call.pyro().closeShell(workspace, shellId(call, workspace))));
                });
    }

    private static ShellId shellId(ToolCall call, WorkspaceId workspace) {
        return call.pyro().findShell(workspace, call.arguments().text(SHELL_ID.name()));
    }
}
