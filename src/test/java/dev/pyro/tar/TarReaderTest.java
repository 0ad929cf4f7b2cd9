package dev.pyro.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Owners, attributes and devices; what is refused is {@code ArchiveRefusalTest}'s. */
class TarReaderTest {
    @Test
    void readsOwnersOfHeadersAndRecords() throws IOException {
        byte[] archive = new Tar()
                .pax('g', "gid=7")
                .entry("a", '0', 04755, 1000, 100, 0, "")
                .pax("uid=4294967294", "gid=70000")
                .entry("b", '0', 0644, 5, 5, 0, "")
                .pax("uid=-2")
                .entry("c", '5', 0755, 5, 1L << 40, 0, "")
                .end();

        List<TarEntry> entries = entries(archive);

        assertThat(entries).extracting(TarEntry::uid).containsExactly(1000L, 4294967294L, TarEntry.NO_NUMBER);
        assertThat(entries).extracting(TarEntry::gid).containsExactly(7L, 70000L, 7L);
        assertThat(entries.getFirst().mode()).isEqualTo(04755);
    }

    @Test
    void readsAttributesAsBytes() throws IOException {
        byte[] archive = new Tar()
                .pax(
                        "SCHILY.xattr.security.capability=\1\0\0\2\u00ff=\n",
                        "SCHILY.xattr.user.\u00e4=",
                        "SCHILY.acl.access=x")
                .file("a", "x")
                .file("b", "y")
                .end();

        List<TarEntry> entries = entries(archive);

        assertThat(entries.get(0).xattrs()).containsOnlyKeys("security.capability", "user.\u00e4");
        assertThat(entries.get(0).xattrs().get("security.capability"))
                .isEqualTo("\1\0\0\2\u00ff=\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(entries.get(0).xattrs().get("user.\u00e4")).isEmpty();
        assertThat(entries.get(1).xattrs()).isEmpty();
    }

    @Test
    void refusesMoreRecordsThanAFileCanHave() {
        String[] records = IntStream.rangeClosed(0, 1_000)
                .mapToObj(number -> "SCHILY.xattr.user." + number + "=")
                .toArray(String[]::new);
        assertThatThrownBy(() -> entries(new Tar().pax(records).file("a", "x").end()))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("more than 1000 records");
        String[] holes = IntStream.rangeClosed(0, 1_000)
                .mapToObj(number -> "GNU.sparse." + number + "=1")
                .toArray(String[]::new);
        assertThatThrownBy(() -> entries(new Tar().pax(holes).file("a", "x").end()))
                .isInstanceOf(BadArchiveException.class);
    }

    @Test
    void aSizeNearTheLargestIsNotSkippedAsNothing() {
        byte[] archive = new Tar()
                .pax("size=" + Long.MAX_VALUE)
                .file("a", "x")
                .file("b", "y")
                .end();
        assertThatThrownBy(() -> entries(archive)).isInstanceOf(EOFException.class);
    }

    @Test
    void readsDevices() throws IOException {
        List<TarEntry> entries = entries(new Tar()
                .node("c", '3', 1, 3)
                .node("b", '4', 8, 65536)
                .node("p", '6', 0, 0)
                .end());

        assertThat(entries)
                .extracting(TarEntry::kind)
                .containsExactly(EntryKind.CHARACTER_DEVICE, EntryKind.BLOCK_DEVICE, EntryKind.FIFO);
        assertThat(entries.get(0).device()).isEqualTo(new TarEntry.Device(1, 3));
        assertThat(entries.get(1).device()).isEqualTo(new TarEntry.Device(8, 65536));
    }

    private static List<TarEntry> entries(byte[] archive) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        List<TarEntry> entries = new ArrayList<>();
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            entries.add(entry);
        }
        return entries;
    }
}
