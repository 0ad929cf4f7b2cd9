package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalReplayTest {
    private static String replay(String output, boolean cut) {
        byte[] bytes = output.replace('^', '\u001b').getBytes(StandardCharsets.UTF_8);
        return new String(TerminalReplay.of(bytes, cut), StandardCharsets.UTF_8).replace('\u001b', '^');
    }

    /** What asks the terminal something would have the answer typed into the shell. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a^[6nb | ab",
                "a^[cb | ab",
                "a^[>0cb | ab",
                "a^[?2026$pb | ab",
                "a^[>0qb | ab",
                "a^[18tb | ab",
                "a^]11;?^\\b | ab",
                "a^P+q544e^\\b | ab",
                "a^[?ub | ab",
                "^[31mred^[0m é | ^[31mred^[0m é",
                "^[?1049h^[2J^[1;1H | ^[?1049h^[2J^[1;1H",
                "^]0;title^\\ | ^]0;title^\\"
            })
    void questionsAreLeftOut(String output, String expected) {
        assertThat(replay(output, false)).isEqualTo(expected);
    }

    @Test
    void itBeginsWithAWholeLine() {
        assertThat(replay("half\nwhole\n$ ", true)).isEqualTo("whole\n$ ");
        assertThat(replay("first\nwhole", false)).isEqualTo("first\nwhole");
        assertThat(replay("no end of a line", true)).isEqualTo("no end of a line");
    }
}
