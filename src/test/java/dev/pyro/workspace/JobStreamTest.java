package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A shell's output on its way to a terminal. */
class JobStreamTest {
    private static final SecretMask SECRET = SecretMask.of(List.of("hunter22"));
    private static final byte[] NOTHING = {};
    private static final long SEED = 20261129;

    private static String add(JobStream stream, String text) {
        return new String(
                stream.add(stream.end(), text.getBytes(StandardCharsets.UTF_8), false), StandardCharsets.UTF_8);
    }

    @Test
    void bytesPassAsTheyAre() {
        JobStream stream = new JobStream(SecretMask.NONE, 0);
        byte[] half = {(byte) 0xF0, (byte) 0x9F, 0x1b, '['};
        assertThat(stream.add(0, half, false)).isEqualTo(half);
        assertThat(stream.end()).isEqualTo(4);
        assertThat(stream.withholds()).isFalse();
    }

    @Test
    void aSecretInPartsIsOneSign() {
        JobStream stream = new JobStream(SECRET, 0);
        assertThat(add(stream, "a hun")).isEqualTo("a ");
        assertThat(stream.withholds()).isTrue();
        assertThat(add(stream, "ter2")).isEmpty();
        assertThat(add(stream, "2 b")).isEqualTo("*** b");
        assertThat(stream.withholds()).isFalse();
    }

    /** A letter that a person types must not wait for the next one for ever. */
    @Test
    void whatIsHeldBackIsShownWhenNothingFollows() {
        JobStream stream = new JobStream(SECRET, 0);
        assertThat(add(stream, "$ h")).isEqualTo("$ ");
        assertThat(new String(stream.add(stream.end(), NOTHING, false), StandardCharsets.UTF_8))
                .isEqualTo("h");
        assertThat(stream.withholds()).isFalse();
        assertThat(add(stream, "unter22 b"))
                .as("the rest of a secret is hidden all the same")
                .isEqualTo("*** b");
    }

    @Test
    void theEndShowsWhatIsLeft() {
        JobStream stream = new JobStream(SECRET, 0);
        assertThat(new String(stream.add(0, "a hun".getBytes(StandardCharsets.UTF_8), true), StandardCharsets.UTF_8))
                .isEqualTo("a hun");
    }

    @Test
    void aGapMayBeginWithinASecret() {
        JobStream stream = new JobStream(SECRET, 0);
        assertThat(add(stream, "a")).isEqualTo("a");
        assertThat(new String(
                        stream.add(500, "ter22 b".getBytes(StandardCharsets.UTF_8), false), StandardCharsets.UTF_8))
                .isEqualTo("*** b");
        assertThat(stream.end()).isEqualTo(507);
        JobStream later = new JobStream(SECRET, 100);
        assertThat(new String(later.add(100, "22 b".getBytes(StandardCharsets.UTF_8), false), StandardCharsets.UTF_8))
                .isEqualTo("*** b");
    }

    @Test
    void anyCutShowsTheSame() {
        Random random = new Random(SEED);
        String text = "hunterhunter22 x hunter2 hunter22hunter22 h hu hunter22";
        byte[] all = text.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 2_000; round++) {
            JobStream stream = new JobStream(SECRET, 0);
            StringBuilder shown = new StringBuilder();
            int at = 0;
            while (at < all.length) {
                int end = Math.min(all.length, at + 1 + random.nextInt(9));
                shown.append(new String(
                        stream.add(at, Arrays.copyOfRange(all, at, end), end == all.length), StandardCharsets.UTF_8));
                at = end;
            }
            assertThat(shown.toString().replace("******", "***")).isEqualTo(SECRET.text(text));
        }
    }
}
