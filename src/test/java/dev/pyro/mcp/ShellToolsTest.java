package dev.pyro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ReadShell;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellState;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ShellPayloads;
import java.time.Instant;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code shell_read} asks for so that its result is not cut: a reader who goes on at next_cursor must miss nothing. */
class ShellToolsTest {
    private static final Shell SHELL = new Shell(
            new WorkspaceId("ws-0123456789ab"),
            new ShellId("sh-0123456789ab"),
            ShellState.RUNNING,
            "/workspace",
            120,
            30,
            Instant.EPOCH,
            null,
            null,
            ExecutionMode.GUEST_VIRTIO,
            0);

    /** Reads a text, one byte a character for its cursors. */
    private static Function<ReadShell, ShellOutput> of(Shell shell, String text) {
        return options -> {
            int from = (int) options.cursor();
            int to = (int) Math.min(text.length(), options.cursor() + options.maxChars());
            return new ShellOutput(
                    shell, from, to, text.substring(from, to), false, options.waitFor() == null ? null : false);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u0001", "\"", "é", "語", "\u001b[31mx"})
    void everyResultFitsAndReadingOnMissesNothing(String piece) {
        String text = piece.repeat(120_000 / piece.length());
        StringBuilder read = new StringBuilder();
        long cursor = 0;
        while (cursor < text.length()) {
            ShellOutput output = ShellTools.fitting(ReadShell.defaults().withCursor(cursor), of(SHELL, text));
            ToolResult result = ResultBounds.bound(ToolAnswer.of(ShellPayloads.output(output)));
            assertThat(JsonSize.of(result.payload())).isLessThan(ResultBounds.MAX_CONTENT_BYTES);
            assertThat(result.payload()).isEqualTo(ShellPayloads.output(output));
            assertThat(output.nextCursor()).isGreaterThan(cursor);
            read.append(output.output());
            cursor = output.nextCursor();
        }
        assertThat(read.toString()).isEqualTo(text);
    }

    @Test
    void aLongDirectoryLeavesLessRoom() {
        Shell deep = new Shell(
                SHELL.workspaceId(),
                SHELL.shellId(),
                ShellState.RUNNING,
                "\u0001".repeat(4_000),
                120,
                30,
                Instant.EPOCH,
                null,
                null,
                ExecutionMode.GUEST_VIRTIO,
                0);
        ShellOutput output = ShellTools.fitting(ReadShell.defaults(), of(deep, "\u0001".repeat(90_000)));
        assertThat(ResultBounds.bound(ToolAnswer.of(ShellPayloads.output(output)))
                        .payload())
                .isEqualTo(ShellPayloads.output(output));
        assertThat(output.output()).hasSizeGreaterThan(1_000);
    }

    @Test
    void whatIsDroppedMeanwhileDoesNotMakeItTooLong() {
        int[] reads = {0};
        ShellOutput output = ShellTools.fitting(ReadShell.defaults(), options -> {
            reads[0]++;
            return of(SHELL, (reads[0] == 1 ? "a" : "\u0001").repeat(90_000)).apply(options);
        });
        ShellOutput second = ShellTools.fitting(ReadShell.defaults(), options -> {
            reads[0]++;
            String text = reads[0] % 2 == 0 ? "\"a".repeat(45_000) : "\u0001".repeat(90_000);
            return of(SHELL, text).apply(options);
        });
        for (ShellOutput each : new ShellOutput[] {output, second}) {
            assertThat(ResultBounds.bound(ToolAnswer.of(ShellPayloads.output(each)))
                            .payload())
                    .isEqualTo(ShellPayloads.output(each));
        }
    }

    @Test
    void itWaitsOnceAndSaysWhetherThatWasOfUse() {
        int[] waits = {0};
        ShellOutput output = ShellTools.fitting(ReadShell.defaults().withWaitFor("x"), options -> {
            if (options.waitFor() != null) {
                waits[0]++;
            }
            return of(SHELL, "\u0001".repeat(90_000)).apply(options);
        });
        assertThat(waits[0]).isOne();
        assertThat(output.waitSatisfied()).isFalse();
    }

    @Test
    void aSmallBoundIsKept() {
        assertThat(ShellTools.fitting(ReadShell.defaults().withMaxChars(3), of(SHELL, "abcdef"))
                        .output())
                .isEqualTo("abc");
    }
}
