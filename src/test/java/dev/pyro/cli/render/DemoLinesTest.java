package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoLinesTest {
    @Test
    void linesAreThoseOfTheContract() {
        assertThat(DemoLines.summary(3, true, "guest_virtio"))
                .isEqualTo("[summary] exit_code=3 fallback_used=true execution_mode=guest_virtio");
        assertThat(DemoLines.stdout("git version 2\n")).isEqualTo("[summary] stdout=git version 2");
    }

    @Test
    void whatAModelSaysCannotFoolATerminalNorFillIt() {
        assertThat(DemoLines.step("model", "a\u001b[2J\nb")).isEqualTo("[model] a\\u001b[2J\\u000ab");
        assertThat(DemoLines.step("model", "\ud83d\ude00".repeat(10_000)))
                .hasSizeLessThan(2000)
                .endsWith("\ud83d\ude00…");
    }
}
