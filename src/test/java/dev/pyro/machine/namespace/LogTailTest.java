package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    @TempDir
    Path folder;

    @Test
    void keepsTheLastDozenLinesWithoutControlCharacters() throws IOException {
        Path log = folder.resolve("log");
        Files.writeString(log, "x\n".repeat(10_000) + "first\n".repeat(11) + "\n\u001b[31mred\u0007\r\n");

        assertThat(LogTail.read(log)).isEqualTo("first\n".repeat(11) + "[31mred");
        assertThat(LogTail.ofMessage("a\nb")).isEqualTo("\n  a\n  b");
    }

    @Test
    void aMissingLogIsEmpty() {
        assertThat(LogTail.read(folder.resolve("none"))).isEmpty();
        assertThat(LogTail.ofMessage("")).isEmpty();
    }
}
