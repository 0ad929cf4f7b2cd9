package dev.pyro.payload;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellList;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignalled;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The payloads about the shells of workspaces. Texts are as {@link ByteText} has them. Stateless. */
public final class ShellPayloads {
    private ShellPayloads() {}

    /** The payload of {@code workspace shell open}. */
    public static JsonObject shell(Shell shell) {
        return fields(shell).build();
    }

    /** The payload of {@code workspace shell list}. */
    public static JsonObject list(ShellList list) {
        return WorkspacePayloads.withId(list.workspaceId())
                .put("count", list.shells().size())
                .put("shells", WorkspacePayloads.array(list.shells(), ShellPayloads::shell))
                .build();
    }

    /** The payload of {@code workspace shell read}. */
    public static JsonObject output(ShellOutput output) {
        Boolean satisfied = output.waitSatisfied();
        return fields(output.shell())
                .put("cursor", output.cursor())
                .put("next_cursor", output.nextCursor())
                .put("output", output.output())
                .put("truncated", output.truncated())
                .put("wait_satisfied", satisfied == null ? null : new JsonValue.JsonBoolean(satisfied))
                .build();
    }

    /** The payload of {@code workspace shell write}. */
    public static JsonObject input(ShellInput input) {
        return fields(input.shell())
                .put("input_length", input.inputLength())
                .put("append_newline", input.appendNewline())
                .build();
    }

    /** The payload of {@code workspace shell signal}. */
    public static JsonObject signalled(ShellSignalled signalled) {
        return fields(signalled.shell())
                .put("signal", signalled.signal().name())
                .build();
    }

    /** The payload of {@code workspace shell close}. */
    public static JsonObject closed(ShellClosed closed) {
        return fields(closed.shell()).put("closed", closed.closed()).build();
    }

    private static JsonValue.Builder fields(Shell shell) {
        Integer exitCode = shell.exitCode();
        return WorkspacePayloads.withId(shell.workspaceId())
                .put("shell_id", shell.shellId().value())
                .put("state", shell.state().wireName())
                .put("cwd", ByteText.visible(shell.cwd()))
                .put("cols", shell.cols())
                .put("rows", shell.rows())
                .put("started_at", shell.startedAt().getEpochSecond())
                .putNullable("ended_at", seconds(shell.endedAt()))
                .putNullable("exit_code", exitCode == null ? null : exitCode.longValue())
                .put("execution_mode", shell.executionMode().wireName())
                .put("end_cursor", shell.endCursor());
    }

    private static @Nullable Long seconds(@Nullable Instant time) {
        return time == null ? null : time.getEpochSecond();
    }
}
