package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of pieces of a shell's output: cursors, characters, secrets. */
class ShellTextTest {
    private static final SecretMask NO_SECRETS = SecretMask.NONE;
    private static final SecretMask SECRET = SecretMask.of(List.of("hunter22"));
    private static final int PLENTY = 1_000_000;
    private static final long SEED = 20261129;

    /** A shell's output as an agent keeps it. */
    private static final class Output {
        private final byte[] bytes;
        private final long dropped;
        private final boolean ended;

        Output(byte[] bytes, long dropped, boolean ended) {
            this.bytes = bytes;
            this.dropped = dropped;
            this.ended = ended;
        }

        static Output of(String text) {
            return new Output(text.getBytes(StandardCharsets.UTF_8), 0, false);
        }

        Output thatEnded() {
            return new Output(bytes, dropped, true);
        }

        Output without(long beginning) {
            return new Output(bytes, beginning, ended);
        }

        ShellText read(SecretMask mask, long cursor, int maxChars, int maxBytes) {
            long wanted = cursor - OutputWindow.context(mask, cursor);
            long start = Math.max(wanted, dropped);
            int end = (int) Math.min(bytes.length, start + maxBytes);
            byte[] piece = Arrays.copyOfRange(bytes, (int) start, end);
            return ShellText.of(
                    OutputWindow.of(mask, start, piece, start > wanted, cursor, ended && end == bytes.length),
                    maxChars);
        }

        ShellText read(SecretMask mask, long cursor, int maxChars) {
            return read(mask, cursor, maxChars, PLENTY);
        }
    }

    private static byte[] bytes(int... values) {
        byte[] array = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            array[i] = (byte) values[i];
        }
        return array;
    }

    @Test
    void aReadReturnsWhatFollowsTheCursor() {
        Output output = Output.of("one\r\ntwo\r\n$ ");
        assertThat(output.read(NO_SECRETS, 0, PLENTY)).isEqualTo(new ShellText("one\r\ntwo\r\n$ ", 0, 12, false));
        assertThat(output.read(NO_SECRETS, 5, 3)).isEqualTo(new ShellText("two", 5, 8, false));
        assertThat(output.read(NO_SECRETS, 12, 3)).isEqualTo(new ShellText("", 12, 12, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"é", "€", "語", "😀", "a😀"})
    void aCharacterIsNeverCutWhereverTheOutputEnds(String character) {
        byte[] all = ("x" + character + "y").getBytes(StandardCharsets.UTF_8);
        for (int end = 0; end <= all.length; end++) {
            Output output = new Output(Arrays.copyOf(all, end), 0, false);
            ShellText first = output.read(NO_SECRETS, 0, PLENTY);
            ShellText rest = new Output(all, 0, false).read(NO_SECRETS, first.nextCursor(), PLENTY);
            assertThat(first.text() + rest.text()).isEqualTo("x" + character + "y");
            assertThat(first.text()).doesNotContain("\uFFFD");
        }
    }

    @Test
    void charactersAreCountedAsPeopleCountThem() {
        Output output = Output.of("😀😀😀");
        assertThat(output.read(NO_SECRETS, 0, 2)).isEqualTo(new ShellText("😀😀", 0, 8, false));
        assertThat(output.read(NO_SECRETS, 8, 2)).isEqualTo(new ShellText("😀", 8, 12, false));
    }

    @Test
    void theBeginningOfACharacterWaitsForItsRestAndIsShownWhenNoneFollows() {
        Output output = new Output(bytes('a', 0xF0, 0x9F, 0x98), 0, false);
        assertThat(output.read(NO_SECRETS, 0, PLENTY)).isEqualTo(new ShellText("a", 0, 1, false));
        assertThat(output.thatEnded().read(NO_SECRETS, 0, PLENTY)).isEqualTo(new ShellText("a\uFFFD", 0, 4, false));
    }

    @Test
    void whatIsNoTextBecomesReplacements() {
        Output output = new Output(bytes('a', 0xFF, 'b', 0xC3, '(', 0xE2, 0x82, 'c', 0x80), 0, false);
        assertThat(output.read(NO_SECRETS, 0, PLENTY).text()).isEqualTo("a\uFFFDb\uFFFD(\uFFFDc\uFFFD");
        assertThat(output.read(NO_SECRETS, 0, 2)).isEqualTo(new ShellText("a\uFFFD", 0, 2, false));
    }

    @Test
    void whatWasDroppedIsToldAndTheRestOfItsCharacterLeftOut() {
        Output output = Output.of("é語and more");
        assertThat(output.without(3).read(NO_SECRETS, 0, PLENTY)).isEqualTo(new ShellText("and more", 5, 13, true));
        assertThat(output.without(5).read(NO_SECRETS, 0, PLENTY)).isEqualTo(new ShellText("and more", 5, 13, true));
        assertThat(output.without(5).read(NO_SECRETS, 5, PLENTY)).isEqualTo(new ShellText("and more", 5, 13, false));
        assertThat(output.without(5).read(NO_SECRETS, 7, 1)).isEqualTo(new ShellText("d", 7, 8, false));
    }

    @Test
    void aSecretIsHiddenWhereverTheCursorIs() {
        Output output = Output.of("a hunter22 b");
        assertThat(output.read(SECRET, 0, PLENTY)).isEqualTo(new ShellText("a *** b", 0, 12, false));
        for (int cursor = 3; cursor < 10; cursor++) {
            assertThat(output.read(SECRET, cursor, PLENTY).text())
                    .as("from " + cursor)
                    .isEqualTo("*** b");
        }
        assertThat(output.read(SECRET, 10, PLENTY).text()).isEqualTo(" b");
    }

    @Test
    void whatMayBeginASecretIsHeldBackWhileMoreMayCome() {
        Output output = Output.of("a hunter2");
        assertThat(output.read(SECRET, 0, PLENTY)).isEqualTo(new ShellText("a ", 0, 2, false));
        assertThat(output.thatEnded().read(SECRET, 0, PLENTY)).isEqualTo(new ShellText("a hunter2", 0, 9, false));
        assertThat(Output.of("a hunter2x").read(SECRET, 2, PLENTY)).isEqualTo(new ShellText("hunter2x", 2, 10, false));
        assertThat(Output.of("a hunter22").read(SECRET, 2, PLENTY)).isEqualTo(new ShellText("***", 2, 10, false));
    }

    /** The end of the output is known, but not what of it was read. */
    @Test
    void anEndedShellShowsNoPartOfASecretThatWasReadInParts() {
        Output output = Output.of("a hunter22 b").thatEnded();
        assertThat(output.read(SECRET, 0, PLENTY, 6)).isEqualTo(new ShellText("a ", 0, 2, false));
    }

    @Test
    void theEndOfASecretWhoseBeginningWasDroppedIsHidden() {
        Output output = Output.of("a hunter22 b");
        for (int dropped = 3; dropped < 10; dropped++) {
            assertThat(output.without(dropped).read(SECRET, 0, PLENTY))
                    .as("without " + dropped)
                    .isEqualTo(new ShellText("*** b", dropped, 12, true));
            for (int cursor = dropped; cursor < 10; cursor++) {
                assertThat(output.without(dropped).read(SECRET, cursor, PLENTY).text())
                        .isEqualTo("*** b");
            }
        }
    }

    @Test
    void theSignOfASecretIsNotCutUnlessNothingElseFits() {
        Output output = Output.of("ab hunter22 c");
        assertThat(output.read(SECRET, 0, 4)).isEqualTo(new ShellText("ab ", 0, 3, false));
        assertThat(output.read(SECRET, 0, 6)).isEqualTo(new ShellText("ab ***", 0, 11, false));
        assertThat(output.read(SECRET, 3, 1)).isEqualTo(new ShellText("*", 3, 11, false));
        assertThat(output.read(SECRET, 3, 4)).isEqualTo(new ShellText("*** ", 3, 12, false));
    }

    /** Whoever reads on and on sees all of it, however it comes, and no secret. */
    @Test
    void readingOnShowsEverythingButSecrets() {
        Random random = new Random(SEED);
        List<String> pieces =
                List.of("hunter22", "hunter2", "h", "unter22", "zzz-top-zzz", "zzz", "é", "語", "😀", "a", "\r\n", " ");
        SecretMask mask = SecretMask.of(List.of("hunter22", "zzz-top-zzz"));
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i >= 0; i--) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            byte[] all = text.toString().getBytes(StandardCharsets.UTF_8);
            StringBuilder seen = new StringBuilder();
            long cursor = 0;
            int there = 0;
            while (cursor < all.length) {
                there = Math.min(all.length, there + random.nextInt(6));
                Output output = new Output(Arrays.copyOf(all, there), 0, there == all.length);
                // At least as many bytes as ShellReader asks for.
                int maxChars = 3 + random.nextInt(8);
                ShellText read = output.read(mask, cursor, maxChars, 2 * mask.context() + 4 * maxChars + 4);
                assertThat(read.text().codePointCount(0, read.text().length())).isLessThanOrEqualTo(maxChars);
                if (there == all.length) {
                    assertThat(read.nextCursor()).as("progress").isGreaterThan(cursor);
                }
                seen.append(read.text());
                cursor = read.nextCursor();
            }
            assertThat(oneSign(seen.toString())).as(text.toString()).isEqualTo(oneSign(mask.text(text.toString())));
        }
    }

    /** A run of secrets that was read in parts has a sign for each. */
    private static String oneSign(String text) {
        return text.replaceAll("(?:\\*\\*\\*)+", "***");
    }
}
