package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.os.HostCommand;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {
    static Stream<Arguments> plainLines() {
        return Stream.of(
                Arguments.of("/hello", List.of("/hello")),
                Arguments.of("  a \t b  ", List.of("a", "b")),
                Arguments.of("echo 'a  $b' \"c 'd'\" e", List.of("echo", "a  $b", "c 'd'", "e")),
                Arguments.of("echo 'it'\"'\"'s'", List.of("echo", "it's")),
                Arguments.of("echo \"\\$x \\` \\\" \\\\ \\n\"", List.of("echo", "$x ` \" \\ \\n")),
                Arguments.of("echo \\$x a\\ b \\'", List.of("echo", "$x", "a b", "'")),
                Arguments.of("echo a\\\nb \"c\\\nd\"", List.of("echo", "ab", "cd")),
                Arguments.of("echo '' \"\"", List.of("echo", "", "")),
                Arguments.of("echo a=b --x=y in if", List.of("echo", "a=b", "--x=y", "in", "if")),
                Arguments.of("'a=b' c", List.of("a=b", "c")),
                Arguments.of("'if' x", List.of("if", "x")),
                Arguments.of("echo 'x\ny' '!' a! {a} ] } %", List.of("echo", "x\ny", "!", "a!", "{a}", "]", "}", "%")),
                Arguments.of("caf\u00e9 \ud83d\ude00", List.of("caf\u00e9", "\ud83d\ude00")));
    }

    @ParameterizedTest
    @MethodSource("plainLines")
    void wordsAreThoseOfAShell(String line, List<String> words) {
        assertThat(ShellWords.plain(line)).contains(words);
    }

    /** The host's own shell splits each of them in the same way. */
    @Test
    void aShellAgrees() {
        plainLines().map(row -> (String) row.get()[0]).forEach(line -> {
            String shell = HostCommand.of(Duration.ofSeconds(20), List.of("sh", "-c", "printf '%s\\037' " + line))
                    .runOrFail("split a line");
            assertThat(List.of(shell.split("\u001f", -1)))
                    .as(line)
                    .startsWith(ShellWords.plain(line).orElseThrow().toArray(String[]::new));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "echo $x",
                "echo `x`",
                "a | b",
                "a & b",
                "a; b",
                "a < b",
                "a > b",
                "(a)",
                "echo *",
                "echo ?",
                "echo [a]",
                "echo ~",
                "a #b",
                "a\nb",
                "! a",
                "{ a; }",
                "a !",
                "a {",
                "A=b c",
                "A=b",
                "if a",
                "while a",
                "echo \"$x\"",
                "echo \"`x`\"",
                "echo 'a",
                "echo \"a",
                "echo a\\",
                "echo \"a\\"
            })
    void whatOnlyAShellUnderstandsIsLeftToOne(String line) {
        assertThat(ShellWords.plain(line)).isEmpty();
    }
}
