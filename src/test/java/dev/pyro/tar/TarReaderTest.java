package dev.pyro.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

    @Test
    void readsAttributesOfLibarchive() throws IOException {
        List<TarEntry> entries = entries(new Tar()
                .pax("LIBARCHIVE.xattr.security.capability=AQAAAgAgAAAAAAAAAAAAAAAAAAA")
                .file("ping", "")
                .pax(
                        "LIBARCHIVE.xattr.user.%3d%25%zz=eA==",
                        "SCHILY.xattr.user.both=raw", "LIBARCHIVE.xattr.user.both=eA")
                .file("other", "")
                .end());
        assertThat(entries.get(0).xattrs())
                .containsOnlyKeys("security.capability")
                .containsEntry(
                        "security.capability",
                        new byte[] {1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        assertThat(entries.get(1).xattrs())
                .containsOnlyKeys("user.=%%zz", "user.both")
                .containsEntry("user.=%%zz", new byte[] {'x'})
                .containsEntry("user.both", new byte[] {'r', 'a', 'w'});
        assertThatThrownBy(() -> entries(
                        new Tar().pax("LIBARCHIVE.xattr.user.a=?").file("f", "").end()))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("base64");
    }

    @Test
    void attributesThatDoNotCountNeedNotBeSound() throws IOException {
        List<TarEntry> entries = entries(new Tar()
                .pax("LIBARCHIVE.xattr.security.selinux=?", "LIBARCHIVE.xattr.user.a=?", "SCHILY.xattr.user.a=raw")
                .file("f", "")
                .end());
        assertThat(entries.get(0).xattrs()).containsOnlyKeys("user.a").containsEntry("user.a", new byte[] {'r', 'a', 'w'
        });
    }

    @Test
    void aListOfHolesIsNoLongerThanItMayBe() throws IOException {
        for (String map : List.of("0,1,,2", "0,", "")) {
            assertThatThrownBy(() -> entries(new Tar()
                            .pax("GNU.sparse.size=9", "GNU.sparse.map=" + map)
                            .file("f", "x")
                            .end()))
                    .as(map)
                    .isInstanceOf(BadArchiveException.class);
        }
        assertThatThrownBy(() -> entries(new Tar()
                        .pax("GNU.sparse.size=9", "GNU.sparse.map=" + "0,".repeat(2 * SparseMap.MAX_REGIONS) + "0")
                        .file("f", "x")
                        .end()))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("more than 100000 holes");
        assertThat(entries(new Tar()
                        .pax("GNU.sparse.size=9", "GNU.sparse.map=3,1")
                        .file("f", "x")
                        .end()))
                .hasSize(1);
    }

    @Test
    void aLenientReaderTakesWhatToolsOfContainersTake() throws IOException {
        assertThat(lenient(new byte[0])).isEmpty();
        assertThat(lenient(new Tar().file("f", "x").cutOff())).hasSize(1);
        assertThat(lenient(new Tar().directory("d").raw(new byte[512]).cutOff()))
                .hasSize(1);
        List<TarEntry> entries = lenient(new Tar()
                .header("d/", '5', 4096, "")
                .header("l", '2', 7, "d")
                .header("h", '1', 1, "f")
                .pax("size=99")
                .header("p", '6', 5, "")
                .file("f", "x")
                .end());
        assertThat(entries).extracting(TarEntry::path).containsExactly("d/", "l", "h", "p", "f");
        assertThat(entries).extracting(TarEntry::size).containsExactly(0L, 0L, 0L, 0L, 1L);
    }

    @Test
    void anEndWithinAnEntryIsNoneForALenientReader() {
        byte[] whole = new Tar().file("f", "x").cutOff();
        byte[] header = new Tar().pax("path=long").cutOff();
        for (byte[] cut : List.of(
                Arrays.copyOf(whole, 1),
                Arrays.copyOf(whole, 511),
                Arrays.copyOf(whole, 512),
                Arrays.copyOf(whole, 1023),
                Arrays.copyOf(header, 600),
                header)) {
            assertThatThrownBy(() -> lenient(cut)).isInstanceOf(EOFException.class);
        }
        // What follows is content, whatever the name says.
        assertThatThrownBy(() -> lenient(new Tar().header("d/", '0', 9, "").end()))
                .isInstanceOf(BadArchiveException.class);
    }

    private static List<TarEntry> lenient(byte[] archive) throws IOException {
        return entries(TarReader.lenient(new ByteArrayInputStream(archive)));
    }

    private static List<TarEntry> entries(byte[] archive) throws IOException {
        return entries(new TarReader(new ByteArrayInputStream(archive)));
    }

    private static List<TarEntry> entries(TarReader reader) throws IOException {
        List<TarEntry> entries = new ArrayList<>();
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            entries.add(entry);
        }
        return entries;
    }
}
