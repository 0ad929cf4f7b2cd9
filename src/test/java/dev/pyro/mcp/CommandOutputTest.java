package dev.pyro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two ends of a command's output, whatever pieces it comes in. */
class CommandOutputTest {
    private static final int HALF = ResultBounds.MAX_CONTENT_BYTES / 2;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 65_528, 1_000_000})
    void bothEndsAreKeptHoweverItComes(int piece) {
        String text = "é語😀x".repeat(50_000);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        Excerpt excerpt = capture(bytes, piece);

        assertThat(text).startsWith(excerpt.head()).endsWith(excerpt.tail());
        assertThat(JsonSize.utf8(excerpt.head())).isBetween(HALF - 4L, (long) HALF);
        assertThat(JsonSize.utf8(excerpt.tail())).isBetween(2 * HALF - 4L, 2L * HALF);
        assertThat(JsonSize.utf8(excerpt.head()) + excerpt.missingBytes() + JsonSize.utf8(excerpt.tail()))
                .isEqualTo(bytes.length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 19_999, 20_000, 20_001, 59_999, 60_000})
    void whatFitsIsWhole(int length) {
        byte[] bytes = new byte[length];
        Random random = new Random(length);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(128);
        }

        Excerpt excerpt = capture(bytes, 777);

        assertThat(excerpt.missingBytes()).isZero();
        assertThat(excerpt.text()).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void oneByteMoreIsMissing() {
        Excerpt excerpt = capture("x".repeat(60_001).getBytes(StandardCharsets.UTF_8), 60_001);

        assertThat(excerpt.missingBytes()).isOne();
    }

    @Test
    void anyBytesGiveAText() {
        byte[] bytes = new byte[300_000];
        for (int seed = 0; seed < 20; seed++) {
            new Random(seed).nextBytes(bytes);
            Excerpt cut = capture(bytes, 10_000).cut(5_000);
            assertThat(JsonSize.ofText(cut.text())).isLessThanOrEqualTo(5_000);
            assertThat(cut.missingBytes()).isPositive();
        }
    }

    @Test
    void everythingIsPassedOn() {
        StringBuilder heard = new StringBuilder();
        CommandOutput output =
                new CommandOutput((stream, bytes) -> heard.append(stream).append(StandardCharsets.UTF_8.decode(bytes)));

        output.onOutput(Stream.STDERR, ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8)));

        assertThat(heard).hasToString("STDERRabc");
        assertThat(output.excerpt(Stream.STDERR).text()).isEqualTo("abc");
        assertThat(output.excerpt(Stream.STDOUT).text()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 59, 60, 61, 62, 100, 1_000})
    void aCutTakesAtMostWhatItMay(int room) {
        for (String text :
                new String[] {"x".repeat(5_000), "\n".repeat(5_000), "😀".repeat(5_000), "\u0001é\n".repeat(5_000)}) {
            Excerpt cut = Excerpt.of(text).cut(room);
            assertThat(JsonSize.ofText(cut.text())).isLessThanOrEqualTo(Math.max(room, 60));
            assertThat(text).startsWith(cut.head()).endsWith(cut.tail());
            assertThat(JsonSize.utf8(cut.head()) + cut.missingBytes() + JsonSize.utf8(cut.tail()))
                    .isEqualTo(JsonSize.utf8(text));
        }
    }

    private static Excerpt capture(byte[] bytes, int piece) {
        CommandOutput output = new CommandOutput(OutputListener.NONE);
        for (int start = 0; start < bytes.length; start += piece) {
            output.onOutput(Stream.STDOUT, ByteBuffer.wrap(bytes, start, Math.min(piece, bytes.length - start)));
        }
        return output.excerpt(Stream.STDOUT);
    }
}
