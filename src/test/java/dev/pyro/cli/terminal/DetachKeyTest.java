package dev.pyro.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.PyroException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachKeyTest {
    @ParameterizedTest
    @CsvSource({
        "ctrl-], 29",
        "^], 29",
        "Ctrl-A, 1",
        "^z, 26",
        "ctrl-@, 0",
        "ctrl-\\, 28",
        "ctrl-^, 30",
        "^_, 31",
        "ctrl-[, 27"
    })
    void aKeyIsTheByteThatItSends(String name, int code) {
        assertThat(DetachKey.of(name).code()).isEqualTo(code);
        assertThat(DetachKey.of(name).indexIn(new byte[] {'a', (byte) code, 'b'}, 3))
                .isEqualTo(1);
        assertThat(DetachKey.of(name).indexIn(new byte[] {'a', 'b', (byte) code}, 2))
                .isEqualTo(-1);
    }

    @Test
    void noKeyIsFoundNowhere() {
        assertThat(DetachKey.of("none").indexIn(new byte[] {-1, 29}, 2)).isEqualTo(-1);
        assertThat(DetachKey.of("none").hint()).isEqualTo("no key detaches");
        assertThat(DetachKey.of(DetachKey.DEFAULT).hint()).isEqualTo("Ctrl-] detaches");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "]", "ctrl-", "ctrl-1", "alt-a", "^ab", "ctrl-é"})
    void whatIsNoKeyIsRefused(String name) {
        assertThatThrownBy(() -> DetachKey.of(name))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("ctrl-");
    }
}
