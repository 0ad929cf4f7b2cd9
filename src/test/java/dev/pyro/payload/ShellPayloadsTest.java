package dev.pyro.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellList;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellSignalled;
import dev.pyro.model.ShellState;
import dev.pyro.model.WorkspaceId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellPayloadsTest {
    private static final Shell SHELL = new Shell(
            new WorkspaceId("ws-0123456789ab"),
            new ShellId("sh-0123456789ab"),
            ShellState.EXITED,
            "/caf\uDCE9",
            120,
            30,
            Instant.ofEpochSecond(5, 999),
            Instant.ofEpochSecond(8),
            129,
            ExecutionMode.HOST_COMPAT,
            42);

    private static final String FIELDS = "\"cols\":120,\"cwd\":\"/caf\\\\xe9\",\"end_cursor\":42,\"ended_at\":8,"
            + "\"execution_mode\":\"host_compat\",\"exit_code\":129";
    private static final String REST = "\"rows\":30,\"shell_id\":\"sh-0123456789ab\"";
    private static final String END = "\"started_at\":5,\"state\":\"exited\",\"workspace_id\":\"ws-0123456789ab\"}";

    @Test
    void everyPayloadHasTheFieldsOfAShell() {
        assertThat(Json.write(ShellPayloads.shell(SHELL))).isEqualTo("{" + FIELDS + "," + REST + "," + END);
        assertThat(Json.write(ShellPayloads.input(new ShellInput(SHELL, 3, false))))
                .isEqualTo("{\"append_newline\":false," + FIELDS + ",\"input_length\":3," + REST + "," + END);
        assertThat(Json.write(ShellPayloads.signalled(new ShellSignalled(SHELL, ShellSignal.HUP))))
                .isEqualTo("{" + FIELDS + "," + REST + ",\"signal\":\"HUP\"," + END);
        assertThat(Json.write(ShellPayloads.closed(new ShellClosed(SHELL, true))))
                .isEqualTo("{\"closed\":true," + FIELDS + "," + REST + "," + END);
        assertThat(Json.write(ShellPayloads.list(new ShellList(SHELL.workspaceId(), List.of(SHELL)))))
                .isEqualTo("{\"count\":1,\"shells\":[{" + FIELDS + "," + REST + "," + END
                        + "],\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void aReadSaysWhereItGoesOn() {
        String payload = Json.write(ShellPayloads.output(new ShellOutput(SHELL, 1, 1L << 40, "é\r\n", true, null)));
        assertThat(payload)
                .contains("\"cursor\":1,", "\"next_cursor\":1099511627776", "\"output\":\"é\\r\\n\"")
                .contains("\"truncated\":true", "\"wait_satisfied\":null");
        assertThat(Json.write(ShellPayloads.output(new ShellOutput(SHELL, 1, 1, "", false, true))))
                .contains("\"wait_satisfied\":true");
    }
}
