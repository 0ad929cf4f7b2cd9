package dev.pyro.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import dev.pyro.workspace.SecretMask.Cover;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretMaskTest {
    private static final long SEED = 20260105;
    private static final int ROUNDS = 20_000;

    private static String masked(String text, String... values) {
        return SecretMask.of(List.of(values)).text(text);
    }

    /** What a listener hears of the pieces. */
    private static String streamed(SecretMask mask, List<byte[]> pieces) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        SecretMask.Masked masked = mask.output((_, bytes) -> {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            heard.writeBytes(copy);
        });
        pieces.forEach(piece -> masked.onOutput(Stream.STDOUT, ByteBuffer.wrap(piece)));
        masked.finish();
        return heard.toString(ISO_8859_1);
    }

    private static List<byte[]> pieces(String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing here|nothing here",
                "hunter2|***",
                "a hunter2 b|a *** b",
                "hunter2hunter2|***",
                "hunter2 hunter2|*** ***",
                "hunter|hunter",
                "hunthunter2er2|hunt***er2",
                "xhunter2|x***",
                "hunter2tresor|***",
                "hunter2resort|***esort",
                "tresorthunter|***thunter"
            })
    void valuesAreHidden(String text, String shown) {
        assertThat(masked(text, "hunter2", "tresor", "2r")).isEqualTo(shown);
    }

    @Test
    void overlappingOccurrencesAreHiddenAsOne() {
        assertThat(masked("xababay", "aba")).isEqualTo("x***y");
        assertThat(masked("1abcde2", "abc", "cde")).isEqualTo("1***2");
        assertThat(masked("1abcde2", "bc", "abcde", "e2")).isEqualTo("1***");
        assertThat(masked("aaaa", "a", "aa")).isEqualTo("***");
    }

    @Test
    void aValueIsKnownWithoutTheNewlinesAtItsEnd() {
        assertThat(masked("is token, or token\n", "token\r\n\n")).isEqualTo("is ***, or ***\n");
    }

    @Test
    void aValueOfSeveralLinesIsKnownAsATerminalShowsItAndLineByLine() {
        String value = "{\n\"private_key\": 1\n}\n";
        assertThat(masked("a{\n\"private_key\": 1\n}b", value)).isEqualTo("a***b");
        assertThat(masked("a{\r\n\"private_key\": 1\r\n}b", value)).isEqualTo("a***b");
        assertThat(masked("3: \"private_key\": 1\n4: }\n", value)).isEqualTo("3: ***\n4: }\n");
    }

    @Test
    void aValueIsKnownAsAShellQuotesIt() {
        assertThat(masked("echo 'it'\"'\"'s me'", "it's me")).isEqualTo("echo '***'");
        assertThat(masked("echo 'it'\\''s me'", "it's me")).isEqualTo("echo '***'");
    }

    @Test
    void whiteSpaceAloneIsShown() {
        assertThat(SecretMask.of(List.of(" \n", "\n"))).isSameAs(SecretMask.NONE);
        assertThat(SecretMask.NONE.context()).isZero();
    }

    @Test
    void textsKeepWhatIsNoUnicode() {
        assertThat(masked("a\uDCE9\uD800b", "token")).isEqualTo("a\uDCE9\uD800b");
        assertThat(masked("a\uDCE9token\u00e9", "token")).isEqualTo("a\uDCE9***\u00e9");
        assertThat(masked("clé: clé-é", "clé-é")).isEqualTo("clé: ***");
    }

    @Test
    void aSecretInSeveralPiecesIsHidden() {
        SecretMask mask = SecretMask.of(List.of("hunter2", "2xyz"));
        assertThat(streamed(mask, pieces("a hun", "", "ter", "2", " b"))).isEqualTo("a *** b");
        assertThat(streamed(mask, pieces("hunter2", "hunter2", "xy", "z"))).isEqualTo("***");
        assertThat(streamed(mask, pieces("hunter", "hunter"))).isEqualTo("hunterhunter");
        assertThat(streamed(mask, pieces("hunter2", "x", "y!"))).isEqualTo("***xy!");
    }

    @Test
    void onlyWhatMayBeASecretIsHeldBack() {
        List<String> heard = new ArrayList<>();
        SecretMask.Masked masked = SecretMask.of(List.of("hunter2"))
                .output((stream, bytes) -> heard.add(stream + ":" + UTF_8.decode(bytes.duplicate())));
        masked.onOutput(Stream.STDOUT, ByteBuffer.wrap("Password: h".getBytes(UTF_8)));
        masked.onOutput(Stream.STDERR, ByteBuffer.wrap("unter2".getBytes(UTF_8)));
        masked.onOutput(Stream.STDOUT, ByteBuffer.wrap("unter2".getBytes(UTF_8)));
        masked.onOutput(Stream.STDERR, ByteBuffer.wrap("hunter2".getBytes(UTF_8)));
        masked.onOutput(Stream.STDOUT, ByteBuffer.wrap("hu".getBytes(UTF_8)));
        masked.finish();
        masked.finish();

        assertThat(heard)
                .containsExactly("STDOUT:Password: ", "STDERR:unter2", "STDOUT:***", "STDERR:***", "STDOUT:hu");
    }

    @Test
    void outputWithoutSecretsIsPassedOnAsItIs() {
        ByteBuffer given = ByteBuffer.wrap("anything at all".getBytes(UTF_8));
        for (SecretMask mask : List.of(SecretMask.NONE, SecretMask.of(List.of("0123")))) {
            List<ByteBuffer> heard = new ArrayList<>();
            OutputListener listener = (_, bytes) -> heard.add(bytes);
            mask.output(listener).onOutput(Stream.STDOUT, given);
            assertThat(heard).singleElement().isSameAs(given);
            assertThat(given.remaining()).isEqualTo(15);
        }
    }

    /** Two letters, so that there are many overlaps. */
    @Test
    void anyPiecesShowTheSameAsTheWholeAndNeverASecret() {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> values = new ArrayList<>();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                values.add(letters(random, random.nextInt(1, 7)));
            }
            String text = letters(random, random.nextInt(60));
            SecretMask mask = SecretMask.of(values);
            String whole = mask.text(text);
            List<byte[]> pieces = new ArrayList<>();
            for (int at = 0; at < text.length(); ) {
                int end = Math.min(text.length(), at + random.nextInt(8));
                pieces.add(text.substring(at, end).getBytes(UTF_8));
                at = end;
            }

            assertThat(whole).as(text + " without " + values).isEqualTo(naive(text, values));
            assertThat(streamed(mask, pieces)).as(text + " without " + values).isEqualTo(whole);
            assertThat(values).noneMatch(whole::contains);
            windowsShowNoSecret(random, mask, values, text);
        }
    }

    /** As a shell is read: any part, with as much before it as the longest secret has. */
    private static void windowsShowNoSecret(Random random, SecretMask mask, List<String> values, String text) {
        boolean[] hidden = hidden(text, values);
        int from = random.nextInt(text.length() + 1);
        int to = random.nextInt(from, text.length() + 1);
        int start = Math.max(0, from - (mask.context() - 1));
        byte[] window = text.substring(start, to).getBytes(UTF_8);
        Cover cover = mask.cover(window);
        for (int i = from; i < to - cover.open(); i++) {
            assertThat(cover.hidden().get(i - start))
                    .as(text + " from " + from + " to " + to + " at " + i + " without " + values)
                    .isEqualTo(hidden[i]);
        }
        Cover cut = mask.cover(text.substring(from, to).getBytes(UTF_8), true);
        for (int i = from; i < to - cut.open(); i++) {
            assertThat(cut.hidden().get(i - from) || !hidden[i])
                    .as(text + " cut at " + from + " to " + to + " at " + i + " without " + values)
                    .isTrue();
        }
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(10) == 0 ? 'c' : random.nextBoolean() ? 'a' : 'b');
        }
        return text.toString();
    }

    private static boolean[] hidden(String text, List<String> values) {
        boolean[] hidden = new boolean[text.length()];
        for (String value : values) {
            for (int at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
                Arrays.fill(hidden, at, at + value.length(), true);
            }
        }
        return hidden;
    }

    private static String naive(String text, List<String> values) {
        boolean[] hidden = hidden(text, values);
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (!hidden[i]) {
                shown.append(text.charAt(i));
            } else if (i == 0 || !hidden[i - 1]) {
                shown.append(SecretMask.SHOWN);
            }
        }
        return shown.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ter2 and more|*** and more",
                "2|***",
                "2 hunter2|*** ***",
                "nter|***",
                "nter and|nter and",
                "hunter2|***",
                "xhunter2|x***"
            })
    void aWindowThatBeginsWithinASecretHidesTheRestOfIt(String window, String shown) {
        byte[] bytes = window.getBytes(UTF_8);
        Cover cover = SecretMask.of(List.of("hunter2", "other")).cover(bytes, true);
        assertThat(new String(cover.shown(bytes, 0, bytes.length), UTF_8)).isEqualTo(shown);
    }

    @Test
    void aWindowTellsHowMuchOfItsEndIsOpen() {
        SecretMask mask = SecretMask.of(List.of("hunter2", "2b"));
        assertThat(mask.context()).isEqualTo(7);
        assertThat(mask.cover("a hun".getBytes(UTF_8)).open()).isEqualTo(3);
        assertThat(mask.cover("hunter2".getBytes(UTF_8)).open()).isEqualTo(1);
        assertThat(mask.cover("hunter2b".getBytes(UTF_8)).open()).isZero();
        assertThat(mask.cover(new byte[0], true)).isEqualTo(new Cover(new BitSet(), 0));
        byte[] bytes = "ahunter2b".getBytes(UTF_8);
        assertThat(new String(mask.cover(bytes).shown(bytes, 3, 8), UTF_8)).isEqualTo("***");
        assertThat(new String(mask.cover(bytes).shown(bytes, 0, 3), UTF_8)).isEqualTo("a***");
    }

    @Test
    void failuresShowNoSecretWhereverItStands() {
        SecretMask mask = SecretMask.of(List.of("hunter2"));
        IOException deepest = new IOException("cannot hunter2");
        deepest.addSuppressed(new IllegalStateException("not hunter2 either"));
        PyroException failure = new PyroException(
                ErrorCode.MACHINE_DIED,
                "it died; the end of its log: hunter2",
                new PyroException(ErrorCode.GUEST_PROTOCOL, "odd", deepest));

        PyroException masked = mask.failure(failure);

        assertThat(masked.code()).isEqualTo(ErrorCode.MACHINE_DIED);
        assertThat(masked).hasMessage("it died; the end of its log: ***");
        assertThat(masked.getStackTrace()).isEqualTo(failure.getStackTrace());
        StringWriter trace = new StringWriter();
        masked.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString())
                .contains("cannot ***", "not *** either", "odd")
                .doesNotContain("hunter2");
    }

    @Test
    void aFailureWithoutSecretsStaysItself() {
        PyroException failure = new PyroException(ErrorCode.MACHINE_DIED, "it died", new IOException("gone"));
        assertThat(SecretMask.of(List.of("hunter2")).failure(failure)).isSameAs(failure);
        assertThat(SecretMask.NONE.failure(failure)).isSameAs(failure);
    }

    /** The worst that a guest can do: each byte of its output leads into the longest secret and out of it again. */
    @Test
    void hostileOutputIsMaskedInLinearTime() {
        String value = "a".repeat(60_000) + "b";
        SecretMask mask = SecretMask.of(List.of(value, "a".repeat(30_000)));
        byte[] chunk = "a".repeat(64 * 1024).getBytes(UTF_8);
        SecretMask.Masked masked = mask.output((_, _) -> {});

        long start = System.nanoTime();
        for (int i = 0; i < 256; i++) {
            masked.onOutput(Stream.STDOUT, ByteBuffer.wrap(chunk));
        }
        masked.finish();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
}
