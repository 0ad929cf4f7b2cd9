package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8SequenceTest {
    @Test
    void everyCharacterIsReadAndItsBeginningsAreIncomplete() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point += point < 0x3000 ? 1 : 37) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                continue;
            }
            byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
            assertThat(Utf8Sequence.length(bytes, 0, bytes.length)).isEqualTo(bytes.length);
            assertThat(Utf8Sequence.codePoint(bytes, 0, bytes.length)).isEqualTo(point);
            for (int end = 1; end < bytes.length; end++) {
                assertThat(Utf8Sequence.length(bytes, 0, end)).isEqualTo(Utf8Sequence.INCOMPLETE);
            }
        }
    }

    @Test
    void whatIsNoCharacterIsPassedUpToWhatCannotGoOn() {
        assertThat(length(0x80)).isEqualTo(-1);
        assertThat(length(0xC0, 0x80)).isEqualTo(-1);
        assertThat(length(0xC1, 0x80)).isEqualTo(-1);
        assertThat(length(0xF5, 0x80)).isEqualTo(-1);
        assertThat(length(0xFF)).isEqualTo(-1);
        assertThat(length(0xC3, 'a')).isEqualTo(-1);
        assertThat(length(0xE2, 0x82, 'a')).isEqualTo(-2);
        assertThat(length(0xF0, 0x9F, 0x98, 'a')).isEqualTo(-3);
        assertThat(length(0xE0, 0x80, 0x80)).as("too long a form").isEqualTo(-1);
        assertThat(length(0xED, 0xA0, 0x80)).as("a surrogate").isEqualTo(-1);
        assertThat(length(0xF4, 0x90, 0x80, 0x80)).as("beyond Unicode").isEqualTo(-1);
    }

    private static int length(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = (byte) bytes[i];
        }
        return Utf8Sequence.length(array, 0, array.length);
    }
}
