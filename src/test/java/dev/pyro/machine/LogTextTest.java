package dev.pyro.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTextTest {
    @Test
    void nothingThatDrivesATerminalIsLeft() {
        assertThat(LogText.clean("\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007\u202etext\tend \u0000"))
                .isEqualTo("red ]0;titletext end");
    }

    @Test
    void onlyTheLastLinesAreKept() {
        String text =
                IntStream.range(0, 100).mapToObj(i -> "line " + i + "\r\n\n").collect(Collectors.joining());

        assertThat(LogText.tail(text).lines()).hasSize(LogText.MAX_LINES).last().isEqualTo("line 99");
    }

    @Test
    void reasonOfAPanicIsNotPushedOutByItsTrace() {
        String trace = "[    2.9] Call Trace:\n[    2.9]  <TASK>\n"
                + "[    2.9]  dump_stack_lvl+0x44/0x5c\n".repeat(20)
                + "[    2.9] RIP: 0033:0x7f\n[    2.9]  </TASK>\n";

        assertThat(LogText.tail("[    2.8] Kernel panic - not syncing: no init\n" + trace + "[    3.0] Rebooting\n"))
                .isEqualTo("[    2.8] Kernel panic - not syncing: no init\n[    3.0] Rebooting");
    }

    @Test
    void longLineIsCut() {
        assertThat(LogText.tail("x".repeat(100_000))).hasSize(300);
    }

    @Test
    void onlyTheEndOfAFileIsRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("log");
        Files.writeString(file, "start\n" + "x".repeat(1 << 20) + "\nend\n", StandardCharsets.UTF_8);

        assertThat(LogText.tail(file)).endsWith("\nend").doesNotContain("start");
        assertThat(LogText.tail(folder.resolve("none"))).isEmpty();
    }

    @Test
    void tailIsIndentedBelowItsMessage() {
        assertThat(LogText.after("it ended", "a\nb")).isEqualTo("it ended\n  a\n  b");
        assertThat(LogText.after("it ended", "")).isEqualTo("it ended");
    }
}
