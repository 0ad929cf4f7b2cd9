package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.mcp.server.LineReader.Line;
import dev.pyro.mcp.server.LineReader.Line.NotUtf8;
import dev.pyro.mcp.server.LineReader.Line.Text;
import dev.pyro.mcp.server.LineReader.Line.TooLong;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    private static final int MAX_BYTES = 10;

    @Test
    void takesLinesAndWhatNothingEnds() throws IOException {
        assertThat(read("one\n\ntwo\r\nthrée"))
                .containsExactly(new Text("one"), new Text(""), new Text("two\r"), new Text("thrée"));
        assertThat(read("")).isEmpty();
        assertThat(read("\n")).containsExactly(new Text(""));
    }

    @Test
    void skipsALineThatIsTooLongToItsEnd() throws IOException {
        assertThat(read("0123456789\n01234567890\nnext\n" + "x".repeat(1_000_000) + "\nlast"))
                .containsExactly(
                        new Text("0123456789"), new TooLong(), new Text("next"), new TooLong(), new Text("last"));
        assertThat(read("x".repeat(200_000))).containsExactly(new TooLong());
    }

    @Test
    void takesNothingButUtf8() throws IOException {
        byte[] bytes = {'a', (byte) 0xff, '\n', (byte) 0xc3, '\n', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '\n', 'b'};
        assertThat(read(new ByteArrayInputStream(bytes)))
                .containsExactly(new NotUtf8(), new NotUtf8(), new NotUtf8(), new Text("b"));
    }

    @Test
    void putsALineTogetherThatComesInPieces() throws IOException {
        byte[] bytes = "é1\né2\n".getBytes(StandardCharsets.UTF_8);
        InputStream trickle = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };
        assertThat(read(trickle)).containsExactly(new Text("é1"), new Text("é2"));
    }

    private static List<Line> read(String text) throws IOException {
        return read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Line> read(InputStream input) throws IOException {
        LineReader reader = new LineReader(input, MAX_BYTES);
        List<Line> lines = new ArrayList<>();
        Line line = reader.next();
        while (line != null) {
            lines.add(line);
            line = reader.next();
        }
        return lines;
    }
}
