package dev.pyro.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalModesTest {
    /** Writes a text with {@code ^} for escape, cut at every place, and returns what makes the terminal usual again. */
    private static String reset(String output) {
        byte[] bytes = output.replace('^', '\u001b').getBytes(StandardCharsets.UTF_8);
        String whole = resetOf(bytes, bytes.length);
        for (int cut = 0; cut < bytes.length; cut++) {
            assertThat(resetOf(bytes, cut)).as("cut at " + cut).isEqualTo(whole);
        }
        return whole.replace('\u001b', '^');
    }

    private static String resetOf(byte[] bytes, int cut) {
        TerminalModes modes = new TerminalModes();
        modes.look(ByteBuffer.wrap(bytes, 0, cut));
        modes.look(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
        return modes.takeReset();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain text é | ''",
                "^[31mred | ^[0m",
                "^[?25l | ^[?25h^[0m",
                "^[?25l^[?25h | ^[0m",
                "^[?1049h^[?1h^= | ^[?1l^>^[0m^[?1049l",
                "^[?1000;1006h^[?1000l | ^[?1006l^[0m",
                "^[?7l | ^[?7h^[0m",
                "^[>4;2m^[>1u^[>1u^[<u | ^[<u^[>4;0m^[0m",
                "^[>4;2m^[>4m | ^[0m",
                "^[?1049h^c | ''",
                "^]0;title^[?25l | ^[?25h^[0m",
                "^[?x;99999999h | ^[0m"
            })
    void whatWasChangedIsChangedBack(String output, String expected) {
        assertThat(reset(output)).isEqualTo(expected);
    }

    @Test
    void theBufferIsLeftUnreadAndTheResetGivenOnce() {
        ByteBuffer output = ByteBuffer.wrap("\u001b[?25l".getBytes(StandardCharsets.UTF_8));
        TerminalModes modes = new TerminalModes();
        modes.look(output);
        assertThat(output.remaining()).isEqualTo(6);
        assertThat(modes.takeReset()).isNotEmpty();
        assertThat(modes.takeReset()).isEmpty();
    }

    @Test
    void aFloodOfAnythingIsSurvivedInBoundedMemory() {
        Random random = new Random(1);
        TerminalModes modes = new TerminalModes();
        byte[] alphabet = "\u001b[?;0123456789hlmu<>=".getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = new byte[1000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
            modes.look(ByteBuffer.wrap(bytes));
        }
        assertThat(modes.takeReset().length()).isLessThan(1000);
    }
}
