package dev.pyro.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pyro.model.OutputListener.Stream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Whatever a guest writes, and in whatever pieces it comes, no secret is in what is shown, and the pieces change nothing.
 *
 * <p>In a normal test run this repeats the inputs beside this class. To search for new ones:
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=SecretMaskFuzzTest -DargLine=-Djazzer.max_duration=60s}
 */
class SecretMaskFuzzTest {
    private static final int MAX_SECRETS = 4;
    private static final int MAX_CHARS = 24;
    private static final int MAX_PIECE = 40;

    @FuzzTest(maxDuration = "10m")
    void showsNoSecret(FuzzedDataProvider data) {
        List<String> values = new ArrayList<>();
        for (int i = data.consumeInt(1, MAX_SECRETS); i > 0; i--) {
            // What the mark itself holds cannot be hidden by it.
            values.add(data.consumeAsciiString(MAX_CHARS).replace('*', '+').replace('\0', '0'));
        }
        SecretMask mask = SecretMask.of(values);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        SecretMask.Masked masked = mask.output((_, bytes) -> {
            byte[] heard = new byte[bytes.remaining()];
            bytes.get(heard);
            shown.writeBytes(heard);
        });
        while (data.remainingBytes() > 0) {
            byte[] piece = data.consumeBytes(data.consumeInt(0, MAX_PIECE));
            all.writeBytes(piece);
            masked.onOutput(Stream.STDOUT, ByteBuffer.wrap(piece));
        }
        masked.finish();

        byte[] whole = all.toByteArray();
        String expected = new String(mask.cover(whole).shown(whole, 0, whole.length), ISO_8859_1);
        String text = shown.toString(ISO_8859_1);
        if (!text.equals(expected)) {
            throw new IllegalStateException("the pieces show something else than the whole");
        }
        for (byte[] pattern : SecretPatterns.of(values)) {
            if (text.contains(new String(pattern, ISO_8859_1))) {
                throw new IllegalStateException("a secret is shown");
            }
        }
    }
}
