package dev.pyro.payload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteTextTest {
    @Test
    void textIsLeftAsItIs() {
        for (String text : new String[] {"", "a b\n", "café \uD83D\uDE00", "C:\\xe9"}) {
            assertThat(ByteText.visible(text)).isSameAs(text);
        }
    }

    @Test
    void bytesThatAreNoTextStayDistinguishable() {
        assertThat(ByteText.visible("\uDC80a\uDCE9\uDCFF")).isEqualTo("\\x80a\\xe9\\xff");
        assertThat(ByteText.visible("\uD83D\uDE00\uDCE9")).isEqualTo("\uD83D\uDE00\\xe9");
    }

    @Test
    void whatIsNoByteEitherIsReplaced() {
        assertThat(ByteText.visible("\uD83Da\uDC00\uD83D")).isEqualTo("\uFFFDa\uFFFD\uFFFD");
    }
}
