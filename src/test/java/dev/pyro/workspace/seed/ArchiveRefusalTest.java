package dev.pyro.workspace.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.Tar;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of archive that is refused, and such as look alike and are taken. */
class ArchiveRefusalTest {
    private static final SeedBounds BOUNDS = new SeedBounds(1 << 20, 100);

    @TempDir
    Path folder;

    static Stream<Arguments> refused() {
        String long256 = "x".repeat(256);
        return Stream.of(
                Arguments.of("absolute", new Tar().file("/etc/passwd", "x").end(), "absolute name"),
                Arguments.of("up", new Tar().file("a/../../b", "x").end(), "`..`"),
                Arguments.of("up inside", new Tar().file("a/../b", "x").end(), "`..`"),
                Arguments.of(
                        "absolute by pax",
                        new Tar().pax("path=/etc/x").file("a", "x").end(),
                        "absolute name"),
                Arguments.of(
                        "up by GNU name",
                        new Tar()
                                .header("l", 'L', 5, "")
                                .bytes("../x\0")
                                .file("a", "x")
                                .end(),
                        "`..`"),
                Arguments.of("link out", new Tar().symlink("a/l", "../../x").end(), "leads outside"),
                Arguments.of(
                        "link to a path of the host",
                        new Tar().symlink("l", "/etc").end(),
                        "absolute path"),
                Arguments.of(
                        "link up and down", new Tar().symlink("l", "a/../../x").end(), "leads outside"),
                Arguments.of("link to nothing", new Tar().symlink("l", "").end(), "without a target"),
                Arguments.of(
                        "through a link",
                        new Tar()
                                .directory("d")
                                .symlink("l", "d")
                                .file("l/f", "x")
                                .end(),
                        "through the link `l`"),
                Arguments.of(
                        "link in place of a folder",
                        new Tar().file("d/f", "x").symlink("d", "e").end(),
                        "something else"),
                Arguments.of(
                        "link in place of a file",
                        new Tar().file("f", "x").symlink("f", "e").end(),
                        "something else"),
                Arguments.of(
                        "file in place of a link",
                        new Tar().symlink("f", "e").file("f", "x").end(),
                        "something else"),
                Arguments.of(
                        "below a file",
                        new Tar().file("f", "x").file("f/g", "x").end(),
                        "below the file"),
                Arguments.of(
                        "hard link out",
                        new Tar().hardLink("h", "/etc/shadow").end(),
                        "`h` is a hard link to `/etc/shadow`"),
                Arguments.of("hard link up", new Tar().hardLink("h", "../x").end(), "`h` is a hard link to `../x`"),
                Arguments.of(
                        "hard link to what comes later",
                        new Tar().hardLink("h", "f").file("f", "x").end(),
                        "no earlier file"),
                Arguments.of(
                        "hard link to a link",
                        new Tar().symlink("l", "x").hardLink("h", "l").end(),
                        "no earlier file"),
                Arguments.of(
                        "hard link to a folder",
                        new Tar().directory("d").hardLink("h", "d").end(),
                        "no earlier file"),
                Arguments.of(
                        "hard link to itself",
                        new Tar().file("f", "x").hardLink("f", "f").end(),
                        "hard link"),
                Arguments.of(
                        "file over a hard link",
                        new Tar()
                                .file("f", "x")
                                .hardLink("h", "f")
                                .file("h", "y")
                                .end(),
                        "something else"),
                Arguments.of(
                        "file over what has a hard link",
                        new Tar()
                                .file("f", "x")
                                .hardLink("h", "f")
                                .file("f", "y")
                                .end(),
                        "hard link or has one"),
                Arguments.of(
                        "hard link twice",
                        new Tar()
                                .file("f", "x")
                                .hardLink("h", "f")
                                .hardLink("h", "f")
                                .end(),
                        "hard link or has one"),
                Arguments.of(
                        "hard link with content",
                        new Tar()
                                .file("f", "x")
                                .header("h", '1', 1, "f")
                                .bytes("y")
                                .end(),
                        "has content"),
                Arguments.of(
                        "character device", new Tar().header("d", '3', 0, "").end(), "is a device"),
                Arguments.of("block device", new Tar().header("d", '4', 0, "").end(), "is a device"),
                Arguments.of("FIFO", new Tar().header("d", '6', 0, "").end(), "is a FIFO"),
                Arguments.of("volume label", new Tar().header("d", 'V', 0, "").end(), "kind that is not known"),
                Arguments.of(
                        "10 TB of holes", new Tar().sparse("s", "x", 10L << 40).end(), "bytes that are allowed"),
                Arguments.of(
                        "10 TB of holes by pax",
                        new Tar()
                                .pax("GNU.sparse.realsize=10995116277760", "GNU.sparse.name=s", "GNU.sparse.map=0,1")
                                .file("x", "x")
                                .end(),
                        "bytes that are allowed"),
                Arguments.of(
                        "holes that do not fit", new Tar().sparse("s", "xyz", 2).end(), "do not fit"),
                Arguments.of("10 TB", new Tar().header("f", '0', 10L << 40, "").end(), "bytes that are allowed"),
                Arguments.of(
                        "10 TB by pax",
                        new Tar().pax("size=10995116277760").file("f", "x").end(),
                        "bytes that are allowed"),
                Arguments.of("the top as a file", new Tar().file("./.", "x").end(), "top folder"),
                Arguments.of(
                        "too long a name",
                        new Tar().pax("path=" + long256).file("f", "x").end(),
                        "too long"),
                Arguments.of(
                        "too deep",
                        new Tar()
                                .pax("path=" + "d/".repeat(129) + "f")
                                .file("f", "x")
                                .end(),
                        "too deep"),
                Arguments.of("a NUL", new Tar().pax("path=a\0b").file("f", "x").end(), "NUL"),
                Arguments.of(
                        "malformed pax",
                        new Tar()
                                .header("p", 'x', 5, "")
                                .bytes("9 a=b")
                                .file("f", "")
                                .end(),
                        "malformed"),
                Arguments.of(
                        "global names",
                        new Tar().pax('g', "path=x").file("f", "x").end(),
                        "global"),
                Arguments.of("an extended header alone", new Tar().pax("path=x").end(), "no entry after it"),
                Arguments.of(
                        "cut off in the content",
                        new Tar().header("f", '0', 9, "").cutOff(),
                        "truncated"),
                Arguments.of("cut off before the end", new Tar().file("f", "x").cutOff(), "truncated"),
                Arguments.of(
                        "cut off in a header",
                        Arrays.copyOf(new Tar().file("f", "x").end(), 700),
                        "truncated"),
                Arguments.of("empty", new byte[0], "truncated"),
                Arguments.of(
                        "no archive", "hello".repeat(200).getBytes(java.nio.charset.StandardCharsets.UTF_8), "damaged"),
                Arguments.of(
                        "behind the end",
                        new Tar().raw(new byte[1024]).file("f", "x").end(),
                        "behind the end"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void refuses(String name, byte[] archive, String reason) {
        Path file = Tar.write(folder.resolve("seed.tar"), archive);
        assertRefused(file, reason);
        assertRefused(Tar.write(folder.resolve("seed.tgz"), Tar.gzip(archive)), reason);
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> ArchiveSource.check(file, BOUNDS))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_REFUSED))
                .hasMessageContainingAll(file.toString(), reason, "nothing was written");
    }

    @Test
    void refusesMoreThanIsAllowed() {
        Tar many = new Tar();
        for (int i = 0; i <= BOUNDS.entries(); i++) {
            many.file("f" + i, "");
        }
        assertRefused(Tar.write(folder.resolve("many.tar"), many.end()), "more than the 100 entries");

        Tar implied = new Tar();
        for (int i = 0; i < 60; i++) {
            implied.file("d" + i + "/f", "");
        }
        assertRefused(Tar.write(folder.resolve("implied.tar"), implied.end()), "more than the 100 entries");

        Tar large = new Tar().file("a", "x".repeat(600_000)).file("b", "x".repeat(600_000));
        assertRefused(Tar.write(folder.resolve("bomb.tar.gz"), Tar.gzip(large.end())), "entry `b` has 600000 bytes");

        // A thousand times the same name is one file, but not one to read.
        Tar same = new Tar();
        for (int i = 0; i < 1000; i++) {
            same.file("a", "");
        }
        assertRefused(Tar.write(folder.resolve("same.tar"), same.end()), "more than the 100 entries");
    }

    @Test
    void refusesDamagedGzip() {
        byte[] good = Tar.gzip(new Tar().file("f", "hello").end());
        byte[] flipped = good.clone();
        flipped[good.length - 6] ^= 1;
        assertRefused(Tar.write(folder.resolve("flipped.tgz"), flipped), "damaged");
        assertRefused(Tar.write(folder.resolve("cut.tgz"), Arrays.copyOf(good, good.length - 5)), "");
        byte[] trailing = Arrays.copyOf(good, good.length + 20);
        Arrays.fill(trailing, good.length, trailing.length, (byte) 'x');
        assertRefused(Tar.write(folder.resolve("trailing.tgz"), trailing), "damaged");
        assertRefused(
                Tar.write(folder.resolve("plain.tgz"), new Tar().file("f", "x").end()), "damaged");
        assertRefused(Tar.write(folder.resolve("empty.tgz"), new byte[0]), "");
    }

    @Test
    void printsNoTerminalEscapes() {
        Path file = Tar.write(
                folder.resolve("evil.tar"),
                new Tar().file("/\033[2J\nevil\u00e9", "x").end());
        assertThatThrownBy(() -> ArchiveSource.check(file, BOUNDS)).hasMessageContaining("`/?[2J?evil?`");
    }

    @Test
    void takesWhatIsHarmless() throws IOException {
        String odd = "b\u00ff\u00fe \n'\"\\";
        byte[] archive = new Tar()
                .pax('g', "comment=0123456789abcdef")
                .directory("./")
                .file("./a//b/./c", "one")
                .directory("a/")
                .hardLink("h", "a/b/c")
                .hardLink("h2", "h")
                .symlink("a/l", "../h")
                .symlink("a/self", ".")
                .pax("path=" + odd, "mtime=-1.5")
                .file("x", "two")
                .file("twice", "old")
                .file("twice", "newer")
                .pax("SCHILY.xattr.user.x=y", "path=" + "n".repeat(200))
                .file("x", "")
                .sparse("holes", "data", 100_000)
                .end();
        ArchiveSource source = ArchiveSource.check(Tar.write(folder.resolve("good.tar"), archive), BOUNDS);

        assertThat(source.entries())
                .extracting(TarEntry::path)
                .containsExactly(
                        "a", "a/b", "a/b/c", "a/l", "a/self", odd, "h", "h2", "holes", "n".repeat(200), "twice");
        assertThat(source.summary().entryCount()).isEqualTo(11);
        assertThat(source.summary().bytesWritten()).isEqualTo(3 + 3 + 5 + 100_000);
        assertThat(source.entries().get(6))
                .returns(EntryKind.FILE, TarEntry::kind)
                .returns(3L, TarEntry::size);
        assertThat(source.entries().get(5)).returns(-2L, TarEntry::mtimeSeconds);
    }

    @Test
    void givesOutWhatItTookInOneForm() throws IOException {
        byte[] archive = new Tar()
                .file("twice", "old")
                .file("a/b", "one")
                .directory("a")
                .file("twice", "newer")
                .sparse("holes", "data", 100_000)
                .symlink("l", "t".repeat(90))
                .end();
        ArchiveSource source = ArchiveSource.check(Tar.write(folder.resolve("good.tar"), archive), BOUNDS);
        byte[] expanded;
        byte[] holes;
        try (TarStream stream = new TarStream(source.open(), false)) {
            expanded = stream.readAllBytes();
        }
        try (TarStream stream = new TarStream(source.open(), true)) {
            holes = stream.readAllBytes();
        }
        assertThat(holes.length).isLessThan(10_000);
        for (byte[] made : List.of(expanded, holes)) {
            ArchivePlan plan = new ArchivePlan(BOUNDS);
            plan.readAll(new TarReader(new ByteArrayInputStream(made)));
            assertThat(plan.entries()).isEqualTo(source.summary().entryCount());
            assertThat(plan.bytes()).isEqualTo(source.summary().bytesWritten());
        }
        TarReader reader = new TarReader(new ByteArrayInputStream(expanded));
        assertThat(java.util.Objects.requireNonNull(reader.next()).path()).isEqualTo("a/");
        assertThat(java.util.Objects.requireNonNull(reader.next()).path()).isEqualTo("a/b");
        assertThat(java.util.Objects.requireNonNull(reader.next()).size()).isEqualTo(5);
    }

    @Test
    void seesThatAnArchiveChanges() throws IOException {
        Path file =
                Tar.write(folder.resolve("seed.tar"), new Tar().file("a", "one").end());
        ArchiveSource source = ArchiveSource.check(file, BOUNDS);
        for (byte[] other : List.of(
                new Tar().file("b", "one").end(),
                new Tar().file("a", "longer").end(),
                new Tar().symlink("a", "../..").end(),
                new Tar().end(),
                new Tar().file("a", "two").end())) {
            Tar.write(file, other);
            assertThatThrownBy(() -> {
                        try (TarStream stream = new TarStream(source.open(), false)) {
                            stream.readAllBytes();
                        }
                    })
                    .hasMessageContaining("was changed while it was read");
        }
    }

    @Test
    void takesWhatCommonsCompressWrites() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8")) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            out.setAddPaxHeadersForNonAsciiNames(true);
            TarArchiveEntry entry = new TarArchiveEntry("\u00e9/" + "n".repeat(150));
            entry.setSize(2);
            out.putArchiveEntry(entry);
            out.write(new byte[2]);
            out.closeArchiveEntry();
            TarArchiveEntry link = new TarArchiveEntry("l", TarConstants.LF_SYMLINK);
            link.setLinkName("\u00e9");
            out.putArchiveEntry(link);
            out.closeArchiveEntry();
        }
        ArchiveSource source = ArchiveSource.check(Tar.write(folder.resolve("cc.tar"), bytes.toByteArray()), BOUNDS);
        assertThat(source.entries())
                .extracting(entry -> ByteText.ofRaw(entry.path()))
                .containsExactly("l", "\u00e9", "\u00e9/" + "n".repeat(150));
        assertThat(source.entries().getFirst().target()).isEqualTo("\u00c3\u00a9");
    }
}
