package dev.pyro.agent;

import static dev.pyro.agent.ScriptedGuest.concat;
import static dev.pyro.agent.ScriptedGuest.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalkDecoderTest {
    private static final WalkRequest ALL =
            new WalkRequest(new GuestLocation("/", "tree"), WalkRequest.EVERYTHING, true, 100);

    private static List<WalkEntry> decode(WalkRequest request, byte[]... entries) throws ProtocolViolation {
        List<WalkEntry> decoded = new ArrayList<>();
        new WalkDecoder(request).decode(ByteBuffer.wrap(concat(entries)), decoded::add);
        return decoded;
    }

    private static void assertRefused(WalkRequest request, String reason, byte[]... entries) {
        assertThatExceptionOfType(ProtocolViolation.class)
                .isThrownBy(() -> decode(request, entries))
                .withMessageContaining(reason);
    }

    @Test
    void acceptsAnyNamesInOrder() throws ProtocolViolation {
        assertThat(decode(
                        ALL,
                        entry('d', "", ""),
                        entry('d', " ", ""),
                        entry('o', " /...", ""),
                        entry('f', "..a", ""),
                        entry('d', "a", ""),
                        entry('d', "a/b", ""),
                        entry('f', "a/b/c", ""),
                        entry('f', "a/b-", ""),
                        entry('f', "a\n\u001b[31m", ""),
                        entry('f', "a-", ""),
                        entry('f', "\uDC80", ""),
                        entry('f', "\u00e9", "")))
                .hasSize(12);
    }

    @Test
    void acceptsASingleFile() throws ProtocolViolation {
        assertThat(decode(ALL, entry('f', "", ""))).singleElement().satisfies(entry -> {
            assertThat(entry.sizeBytes()).isEqualTo(7);
            assertThat(entry.modifiedNanos()).isEqualTo(-1);
            assertThat(entry.changedNanos()).isEqualTo(-2);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "../x", "a/..", "a/../b", "/etc", "a//b", "a/", "/", "a/./b"})
    void refusesPathsThatMayLeadOut(String path) {
        assertRefused(ALL, "with the path", entry('d', "", ""), entry('d', "-", ""), entry('f', path, ""));
    }

    @Test
    void refusesWhatIsNoWalk() {
        byte[] root = entry('d', "", "");
        assertRefused(ALL, "does not begin", entry('d', "a", ""));
        assertRefused(ALL, "with the path", root, root);
        assertRefused(ALL, "order", root, entry('f', "a", ""), entry('f', "a", ""));
        assertRefused(ALL, "order", root, entry('f', "b", ""), entry('f', "a", ""));
        assertRefused(ALL, "order", root, entry('d', "a", ""), entry('f', "a-", ""), entry('f', "a/b", ""));
        assertRefused(ALL, "without its directory", root, entry('f', "a/b", ""));
        assertRefused(ALL, "without its directory", root, entry('f', "a", ""), entry('f', "a/b", ""));
        assertRefused(ALL, "without its directory", root, entry('l', "a", "b"), entry('f', "a/b", ""));
        assertRefused(ALL, "without its directory", entry('f', "", ""), entry('f', "a", ""));
        assertRefused(ALL, "NUL", root, entry('f', "a\0b", ""));
        assertRefused(ALL, "NUL", root, entry('l', "a", "b\0c"));
        assertRefused(ALL, "link target", root, entry('f', "a", "b"));
        assertRefused(ALL, "link target", root, entry('l', "a", ""));
        assertRefused(ALL, "unknown kind", entry('x', "", ""));
        assertRefused(ALL, "too long", root, entry('f', "a".repeat(4097), ""));
    }

    @Test
    void refusesMoreThanItAskedFor() {
        WalkRequest two = new WalkRequest(new GuestLocation("/", ""), 1, false, 2);
        byte[] root = entry('d', "", "");
        assertRefused(two, "more directory entries", root, entry('f', "a", ""), entry('f', "b", ""));
        WalkRequest shallow = new WalkRequest(new GuestLocation("/", ""), 1, false, 100);
        assertRefused(shallow, "deeper", root, entry('d', "a", ""), entry('f', "a/b", ""));
    }

    @Test
    void refusesEndlessLevels() {
        List<byte[]> entries = new ArrayList<>(List.of(entry('d', "", "")));
        StringBuilder path = new StringBuilder("a");
        for (int i = 0; i < Wire.MAX_WALK_LEVELS + 2; i++) {
            entries.add(entry('d', path.toString(), ""));
            path.append("/a");
        }
        WalkRequest many = new WalkRequest(ALL.location(), WalkRequest.EVERYTHING, false, 1000);
        assertRefused(many, "levels", entries.toArray(byte[][]::new));
    }

    @Test
    void refusesEntriesThatAreCutOff() {
        byte[] whole = entry('l', "", "target");
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(ProtocolViolation.class).isThrownBy(() -> decode(ALL, cut));
            if (length > Integer.BYTES) {
                ByteBuffer.wrap(cut).putInt(length - Integer.BYTES);
                assertThatExceptionOfType(ProtocolViolation.class).isThrownBy(() -> decode(ALL, cut));
            }
        }
    }

    @Test
    void keepsBytesThatAreNoText() {
        byte[] bytes = {'a', (byte) 0xff, (byte) 0xc3, (byte) 0xa9, (byte) 0xed, (byte) 0xb2, (byte) 0x80, (byte) 0xc3};
        assertThat(GuestText.encode(GuestText.decode(bytes))).isEqualTo(bytes);
        assertThat(GuestText.decode(bytes)).startsWith("a\uDCFF\u00e9").hasSize(7);
        String astral = "\uD83D\uDE00x";
        assertThat(GuestText.decode(GuestText.encode(astral))).isEqualTo(astral);
    }
}
