package dev.pyro.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TarWriterTest {
    private static final byte[] CAPABILITY = {1, 0, 0, 2, 0, 4, 0, 0, '\n', '=', -1};

    @Test
    void whatIsWrittenIsReadTheSame() throws IOException {
        String longName = "d/" + "\u00ff\u00c3\u00a9".repeat(80);
        String longTarget = "../".repeat(60) + "t";
        TarEntry file = new TarEntry(
                longName,
                EntryKind.FILE,
                04755,
                4294967294L,
                2097152,
                3,
                -7,
                "",
                Map.of("security.capability", CAPABILITY, "user.x", new byte[0]),
                null,
                null);
        TarEntry link = new TarEntry("l", EntryKind.SYMLINK, 0777, 1, 2, 0, 1L << 33, longTarget, Map.of(), null, null);
        TarEntry device = new TarEntry(
                "c", EntryKind.CHARACTER_DEVICE, 0600, 0, 0, 0, 5, "", Map.of(), new TarEntry.Device(1, 65536), null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(out);
        writer.entry(file);
        writer.content("abc".getBytes(StandardCharsets.ISO_8859_1), 0, 2);
        writer.content("abc".getBytes(StandardCharsets.ISO_8859_1), 2, 1);
        writer.entry(link);
        writer.entry(device);
        writer.end();

        TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()));

        TarEntry read = reader.next();
        assertThat(read).usingRecursiveComparison().isEqualTo(file);
        byte[] content = new byte[3];
        assertThat(reader.read(content, 0, 3)).isEqualTo(3);
        assertThat(content).asString(StandardCharsets.ISO_8859_1).isEqualTo("abc");
        assertThat(reader.next()).isEqualTo(link);
        assertThat(reader.next()).isEqualTo(device);
        assertThat(reader.next()).isNull();
    }

    @ParameterizedTest
    @EnumSource(HoleForm.class)
    void holesAreReadTheSame(HoleForm form) throws IOException {
        SparseMap map = new SparseMap(new long[] {0, 3, 1L << 40, 2});
        TarEntry file = new TarEntry("n".repeat(150), EntryKind.FILE, 0644, 1L << 41, 7, "", map);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(out, form);
        writer.entry(file);
        writer.content("abcde".getBytes(StandardCharsets.ISO_8859_1), 0, 5);
        writer.entry(new TarEntry("empty", EntryKind.FILE, 0644, 5, 7, "", new SparseMap(new long[0])));
        writer.end();
        assertThat(out.size()).isLessThan(8192);

        TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()));

        TarEntry read = Objects.requireNonNull(reader.next());
        assertThat(read.path()).isEqualTo(file.path());
        assertThat(read.size()).isEqualTo(1L << 41);
        assertThat(read.storedBytes()).isEqualTo(5);
        SparseMap regions = Objects.requireNonNull(read.sparse());
        assertThat(regions.offset(1)).isEqualTo(1L << 40);
        assertThat(regions.length(1)).isEqualTo(2);
        byte[] content = new byte[5];
        assertThat(reader.read(content, 0, 5)).isEqualTo(5);
        assertThat(content).asString(StandardCharsets.ISO_8859_1).isEqualTo("abcde");
        TarEntry empty = Objects.requireNonNull(reader.next());
        assertThat(empty.size()).isEqualTo(5);
        assertThat(empty.storedBytes()).isZero();
        assertThat(reader.next()).isNull();
    }

    @Test
    void sizesGoBeyondWhatOctalDigitsHold() throws IOException {
        long size = 9L << 30;
        byte[] headers = TarHeaders.of(new TarEntry("f", EntryKind.FILE, 0644, size, 0, "", null), null);

        TarEntry read = new TarReader(new ByteArrayInputStream(headers)).next();

        assertThat(read).extracting(TarEntry::size).isEqualTo(size);
        assertThat(new String(headers, StandardCharsets.ISO_8859_1)).contains("19 size=9663676416\n");
    }

    @Test
    void contentIsAsLongAsItsEntrySays() throws IOException {
        TarWriter writer = new TarWriter(new ByteArrayOutputStream());
        writer.entry(new TarEntry("f", EntryKind.FILE, 0644, 2, 0, "", null));

        assertThatThrownBy(() -> writer.content(new byte[3], 0, 3)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(writer::end).isInstanceOf(IllegalStateException.class);
    }
}
