package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.workspace.ServiceOutput.Part;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceOutputTest {
    private static byte[] bytes(String text) {
        return text.replace('/', '\n').getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b/c/, 2, b/c/, true",
        "a/b/c, 2, b/c, true",
        "a/b/c, 3, a/b/c, false",
        "a/b/c/, 4, a/b/c/, false",
        "a/b/c/, 0, '', true",
        "'', 0, '', false",
        "'', 3, '', false",
        "/, 1, /, false",
        "//, 1, /, true",
        "a//, 2, a//, false",
        "a, 1, a, false"
    })
    void theLastLines(String all, int lines, String expected, boolean cut) {
        Part tail = new Part(bytes(all), false).tail(lines);
        assertThat(tail.bytes()).isEqualTo(bytes(expected));
        assertThat(tail.cut()).isEqualTo(cut);
    }

    @Test
    void allLinesMayLackTheirBeginning() {
        Part part = new Part(bytes("a/b/"), true);
        assertThat(part.tail(null)).isSameAs(part);
        assertThat(part.tail(9).cut()).isTrue();
    }

    @Test
    void bytesThatAreNoTextAreShownAsSuch() {
        assertThat(new Part(new byte[] {'a', (byte) 0xff}, false).text()).isEqualTo("a\uFFFD");
    }
}
