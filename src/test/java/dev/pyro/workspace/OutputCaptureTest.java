package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputCaptureTest {
    private static ByteBuffer bytes(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    @Test
    void theStreamsAreKeptApart() {
        OutputCapture capture = new OutputCapture(100, OutputListener.NONE);
        capture.onOutput(Stream.STDOUT, bytes("out"));
        capture.onOutput(Stream.STDERR, bytes("err"));
        capture.onOutput(Stream.STDOUT, bytes("put"));
        assertThat(capture.takeText(Stream.STDOUT)).isEqualTo("output");
        assertThat(capture.takeText(Stream.STDERR)).isEqualTo("err");
        assertThat(capture.isTruncated(Stream.STDOUT)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"aé€,1,a", "aé€,2,a", "aé€,3,aé", "aé€,5,aé", "aé€,6,aé€", "😀b,3,''", "😀b,4,😀", "abc,0,''"})
    void aCutNeverGoesThroughACharacter(String text, int kept, String expected) {
        OutputCapture capture = new OutputCapture(kept, OutputListener.NONE);
        capture.onOutput(Stream.STDOUT, bytes(text));
        assertThat(capture.takeText(Stream.STDOUT)).isEqualTo(expected);
        assertThat(capture.isTruncated(Stream.STDOUT)).isEqualTo(kept < text.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void theListenerHearsEverything() {
        StringBuilder heard = new StringBuilder();
        OutputCapture capture = new OutputCapture(
                2, (stream, bytes) -> heard.append(stream).append(StandardCharsets.UTF_8.decode(bytes)));
        capture.onOutput(Stream.STDERR, bytes("abcdef"));
        assertThat(heard).hasToString("STDERRabcdef");
        assertThat(capture.takeText(Stream.STDERR)).isEqualTo("ab");
    }
}
