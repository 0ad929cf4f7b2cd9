package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void textIsLeftAsItIs() {
        for (String text : new String[] {"", "a b", "café \uD83D\uDE00", "x".repeat(10_000)}) {
            assertThat(Printable.line(text)).isEqualTo(text);
        }
    }

    @Test
    void nothingMovesTheCursorOrHides() {
        assertThat(Printable.line("a\u001b[31m\nb\r\t\u0085\u007f"))
                .isEqualTo("a\\u001b[31m\\u000ab\\u000d\\u0009\\u0085\\u007f");
        assertThat(Printable.line("a\u202eb\u200b\u2028\u2029")).isEqualTo("a\\u202eb\\u200b\\u2028\\u2029");
        assertThat(Printable.line("caf\uDCE9")).isEqualTo("caf\\xe9");
    }
}
