package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

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

/** The lines about shells, to the letter of the contract; what they have beyond it stands behind. */
class ShellLinesTest {
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");
    private static final String IDS = "workspace_id=ws-0123456789ab shell_id=sh-0123456789ab ";
    private static final Shell RUNNING = new Shell(
            ID,
            new ShellId("sh-0123456789ab"),
            ShellState.RUNNING,
            "/workspace/a\nb",
            120,
            30,
            Instant.EPOCH,
            null,
            null,
            ExecutionMode.GUEST_VIRTIO,
            42);
    private static final Shell ENDED = new Shell(
            ID,
            RUNNING.shellId(),
            ShellState.EXITED,
            "/",
            120,
            30,
            Instant.EPOCH,
            Instant.EPOCH,
            7,
            ExecutionMode.GUEST_VIRTIO,
            42);

    @Test
    void theLinesAreThoseOfTheContract() {
        String rest = IDS + "state=running cwd=/workspace/a\\u000ab cols=120 rows=30 execution_mode=guest_virtio";
        assertThat(ShellLines.opened(RUNNING)).isEqualTo("[workspace-shell-open] " + rest);
        assertThat(ShellLines.written(new ShellInput(RUNNING, 3, true)))
                .isEqualTo("[workspace-shell-write] " + rest + " input_length=3 end_cursor=42");
        assertThat(ShellLines.signalled(new ShellSignalled(RUNNING, ShellSignal.TERM)))
                .isEqualTo("[workspace-shell-signal] " + rest + " signal=TERM");
        assertThat(ShellLines.closed(new ShellClosed(ENDED.withState(ShellState.CLOSED), true)))
                .isEqualTo("[workspace-shell-close] " + IDS
                        + "state=closed cwd=/ cols=120 rows=30 execution_mode=guest_virtio exit_code=7");
        assertThat(ShellLines.read(new ShellOutput(RUNNING, 5, 9, "text", true, null)))
                .isEqualTo("[workspace-shell-read] " + IDS
                        + "state=running cursor=5 next_cursor=9 truncated=yes execution_mode=guest_virtio");
        assertThat(ShellLines.read(new ShellOutput(ENDED, 5, 9, "text", false, false)))
                .isEqualTo("[workspace-shell-read] " + IDS + "state=exited cursor=5 next_cursor=9 truncated=no "
                        + "execution_mode=guest_virtio wait_satisfied=no exit_code=7");
    }

    @Test
    void aListHasALineForEach() {
        assertThat(ShellLines.list(new ShellList(ID, List.of()))).containsExactly("No workspace shells found.");
        assertThat(ShellLines.list(new ShellList(ID, List.of(RUNNING, ENDED))))
                .containsExactly(
                        "sh-0123456789ab [running] cwd=/workspace/a\\u000ab cols=120 rows=30",
                        "sh-0123456789ab [exited] cwd=/ cols=120 rows=30 exit_code=7");
    }

    @Test
    void anAttachmentSaysWhatBecameOfIt() {
        assertThat(ShellLines.attachment(ENDED, "ended"))
                .isEqualTo("[workspace-shell-attach] " + IDS + "state=exited exit_code=7 ended");
    }
}
