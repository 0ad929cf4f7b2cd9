package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Progress;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private ProgressLines lines(boolean errIsTerminal) {
        return new ProgressLines(new Terminal(Channels.newChannel(out), Channels.newChannel(err), errIsTerminal));
    }

    private String stderr() {
        assertThat(out.toByteArray()).isEmpty();
        return err.toString(StandardCharsets.UTF_8);
    }

    private static Progress pull(String phase, double fraction) {
        return new Progress("pull", phase, "debian:12", fraction, "12 MiB");
    }

    @Test
    void linesOfTheContractAreExact() {
        ProgressLines lines = lines(false);
        lines.onProgress(new Progress("pull", "install", "debian:12", null, "builds the environment"));
        lines.onProgress(new Progress("pull", "ready", "debian:12", null, "it is there"));
        lines.onProgress(Progress.of("run", "create", "debian:12"));
        lines.onProgress(Progress.of("run", "start", "vm-00000000000a"));
        lines.onProgress(Progress.of("run", "execute", "vm-00000000000a"));
        assertThat(stderr()).isEqualTo("""
                        [pull] phase=install environment=debian:12
                        [pull] phase=ready environment=debian:12
                        [run] phase=create environment=debian:12
                        [run] phase=start vm_id=vm-00000000000a
                        [run] phase=execute vm_id=vm-00000000000a
                        """);
    }

    @Test
    void otherPhasesTellTheirDetail() {
        lines(false).onProgress(new Progress("pull", "wait", "debian:12", null, "for another process"));
        assertThat(stderr()).isEqualTo("[pull] phase=wait environment=debian:12 (for another process)\n");
    }

    @Test
    void aWorkspaceIsCalledOneAndAPathMovesNoCursor() {
        ProgressLines lines = lines(false);
        lines.onProgress(Progress.of("workspace", "create", "debian:12"));
        lines.onProgress(Progress.of("workspace", "start", "ws-00000000000a"));
        lines.onProgress(Progress.of("workspace", "seed", "/seed\u001b"));
        assertThat(stderr()).isEqualTo("""
                        [workspace] phase=create environment=debian:12
                        [workspace] phase=start workspace_id=ws-00000000000a
                        [workspace] phase=seed what=/seed\\u001b
                        """);
    }

    @Test
    void withoutATerminalAPhaseIsOneLineHoweverFarItIs() {
        ProgressLines lines = lines(false);
        lines.onProgress(pull("download", 0.1));
        lines.onProgress(pull("download", 0.5));
        lines.onProgress(pull("download", 1));
        lines.clearBar();
        assertThat(stderr()).isEqualTo("[pull] phase=download environment=debian:12\n");
    }

    @Test
    void whyAPhaseTakesLongIsALineEachTime() {
        for (boolean terminal : new boolean[] {false, true}) {
            err.reset();
            ProgressLines lines = lines(terminal);
            lines.onProgress(pull("download", 0.1));
            lines.onProgress(new Progress("pull", "download", "debian:12", null, "waits 4 s before try 2: busy"));
            lines.onProgress(pull("download", 0.5));
            lines.onProgress(new Progress("pull", "download", "debian:12", null, "waits 4 s before try 3: busy"));
            assertThat(stderr()).contains("""
                            [pull] phase=download environment=debian:12 (waits 4 s before try 2: busy)
                            """, """
                            [pull] phase=download environment=debian:12 (waits 4 s before try 3: busy)
                            """);
        }
    }

    @Test
    void aTerminalShowsABarWhichIsTakenAway() {
        ProgressLines lines = lines(true);
        lines.onProgress(pull("download", 0.5));
        assertThat(stderr())
                .startsWith("[pull] phase=download environment=debian:12\n")
                .endsWith("[pull] download [" + "#".repeat(15) + " ".repeat(15) + "]  50% 12 MiB");
        lines.onProgress(Progress.of("pull", "ready", "debian:12"));
        assertThat(stderr()).endsWith("\r\u001b[K[pull] phase=ready environment=debian:12\n");
    }
}
