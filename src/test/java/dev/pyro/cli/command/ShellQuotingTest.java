package dev.pyro.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellQuotingTest {
    @Test
    void plainWordsStayAsTheyAre() {
        assertThat(ShellQuoting.join(List.of("git", "--version", "a/b.c:1", "k=v")))
                .isEqualTo("git --version a/b.c:1 k=v");
    }

    @Test
    void aRealShellSplitsTheLineIntoTheSameWords() throws IOException, InterruptedException {
        List<String> words = List.of(
                "",
                " ",
                "it's",
                "$HOME",
                "`id`",
                "a\"b",
                "a\\b",
                "*",
                "~",
                "#no",
                "a;b&c|d",
                "new\nline",
                "tab\t",
                "ü€",
                "!x");
        Process shell = new ProcessBuilder("/bin/sh", "-c", "printf '<%s>' " + ShellQuoting.join(words))
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).isZero();
        assertThat(output).isEqualTo("<" + String.join("><", words) + ">");
    }
}
