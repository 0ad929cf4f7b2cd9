package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTextTest {
    private final ProgressText text = new ProgressText();

    @Test
    void cutsNoCharacterInTwo() {
        byte[] bytes = "aé😀".getBytes(StandardCharsets.UTF_8);
        StringBuilder shown = new StringBuilder();
        for (byte one : bytes) {
            text.add(ByteBuffer.wrap(new byte[] {one}));
            shown.append(text.take(false));
        }
        assertThat(shown + text.take(true)).isEqualTo("aé😀");
    }

    @Test
    void showsWhatNeverBecameWholeAtTheEndOnly() {
        text.add(ByteBuffer.wrap(new byte[] {'a', (byte) 0xf0, (byte) 0x9f}));
        assertThat(text.take(false)).isEqualTo("a");
        assertThat(text.take(true)).isEqualTo("\uFFFD");
        assertThat(text.take(true)).isEmpty();
    }

    @Test
    void replacesWhatIsNoUtf8() {
        text.add(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff, 'b'}));
        assertThat(text.take(true)).isEqualTo("a\uFFFDb");
    }

    @Test
    void leavesOutWhatATerminalObeys() {
        add("\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007x\r\ny\rz\u0000\u202Eend\u001b");
        assertThat(text.take(true)).isEqualTo("red x\ny\nzend");
    }

    @Test
    void keepsTheEndOfMuch() {
        add("begin " + "😀".repeat(ProgressText.MAX_CHARS) + " end");
        String shown = text.take(true);
        assertThat(shown).startsWith("…😀").endsWith("😀 end").doesNotContain("\uFFFD");
        assertThat(shown.length()).isLessThanOrEqualTo(ProgressText.MAX_CHARS + 1);
        add("é".repeat(1_000_000));
        assertThat(text.take(true)).startsWith("…é").doesNotContain("\uFFFD");
        add("short");
        assertThat(text.take(true)).isEqualTo("short");
    }

    private void add(String more) {
        text.add(ByteBuffer.wrap(more.getBytes(StandardCharsets.UTF_8)));
    }
}
