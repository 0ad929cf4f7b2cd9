package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.Tar;
import dev.pyro.tar.TarEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What layers make together, and what is refused of them, line by line. */
class MergedTreeTest {
    private static final String LONG = "x".repeat(256);
    private static final String CAPABILITY = "SCHILY.xattr.security.capability=";

    static Stream<Arguments> refused() {
        return Stream.of(
                refused(
                        "absolute",
                        "entry `/etc/passwd` has an absolute name, which could lead outside",
                        new Tar().file("/etc/passwd", "x")),
                refused("up", "`..`", new Tar().file("a/../../b", "x")),
                refused("up inside", "`..`", new Tar().file("a/../b", "x")),
                refused("up at the end", "`..`", new Tar().directory("a/..")),
                refused("empty", "no name", new Tar().file("", "x")),
                refused("the top as a file", "top folder", new Tar().file("./.", "x")),
                refused("NUL", "NUL", new Tar().pax("path=a\0b").file("f", "x")),
                refused(
                        "long component",
                        "too long",
                        new Tar().pax("path=" + LONG).file("f", "x")),
                refused(
                        "long path",
                        "too long or too deep",
                        new Tar()
                                .pax("path="
                                        + "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy/".repeat(65)
                                        + "f")
                                .file("f", "x")),
                refused(
                        "deep",
                        "too long or too deep",
                        new Tar().pax("path=" + "d/".repeat(128) + "f").file("f", "x")),
                refused("hard link absolute", "absolute target `/etc/shadow`", new Tar().hardLink("h", "/etc/shadow")),
                refused("hard link up", "target with `..`", new Tar().hardLink("h", "../x")),
                refused(
                        "hard link to nothing",
                        "nothing by then",
                        new Tar().hardLink("h", "x").file("x", "")),
                refused(
                        "hard link to a folder",
                        "which is a folder",
                        new Tar().directory("d").hardLink("h", "d")),
                refused("hard link to the top", "top folder", new Tar().hardLink("h", "./")),
                refused(
                        "hard link through the same layer's link",
                        "nothing by then",
                        new Tar().file("d/f", "x").symlink("s", "d").hardLink("h", "s/f")),
                refused(
                        "hard link to a device",
                        "nothing by then",
                        new Tar().node("dev/null", '3', 1, 3).hardLink("h", "dev/null")),
                refused(
                        "hard link to what is hidden",
                        "nothing by then",
                        new Tar().file("f", "x"),
                        new Tar().file(".wh.f", "").hardLink("h", "f")),
                refused(
                        "below a file",
                        "below the file `f`",
                        new Tar().file("f", "x").file("f/g", "x")),
                refused(
                        "below a lower file",
                        "below the file `f`",
                        new Tar().file("f", "x"),
                        new Tar().file("f/g", "x")),
                refused(
                        "below a FIFO",
                        "below the file",
                        new Tar().node("f", '6', 0, 0).file("f/g", "x")),
                refused(
                        "below the same layer's link",
                        "of the same layer",
                        new Tar().directory("d").symlink("l", "d").file("l/g", "x")),
                refused(
                        "below a lower link to outside",
                        "no folder of the image",
                        new Tar().symlink("evil", "/tmp/outside"),
                        new Tar().file("evil/x", "")),
                refused(
                        "below a lower link up",
                        "no folder of the image",
                        new Tar().symlink("evil", "../../../tmp"),
                        new Tar().file("evil/x", "")),
                refused(
                        "below a lower link to a file",
                        "no folder of the image",
                        new Tar().file("f", "").symlink("l", "f"),
                        new Tar().file("l/x", "")),
                refused(
                        "below a loop",
                        "no folder of the image",
                        new Tar().symlink("a", "b").symlink("b", "a"),
                        new Tar().file("a/x", "")),
                refused(
                        "below a link by a link of its own",
                        "no folder of the image",
                        new Tar().directory("d").symlink("a", "b"),
                        new Tar().symlink("b", "d").file("a/x", "")),
                refused("whiteout of dot", "without a name", new Tar().file("a/.wh..", "")),
                refused("whiteout of dots", "without a name", new Tar().file(".wh...", "")),
                refused("whiteout of nothing", "without a name", new Tar().file(".wh.", "")),
                refused("below a whiteout", "below a whiteout", new Tar().file(".wh.a/b", "")),
                refused("a block device", "is a device", new Tar().node("dev/sda", '4', 8, 0)),
                refused("memory", "is a device", new Tar().node("dev/mem", '3', 1, 1)),
                refused("a usual device elsewhere", "is a device", new Tar().node("null", '3', 1, 3)),
                refused("another device of a usual name", "is a device", new Tar().node("dev/null", '3', 1, 1)),
                refused("a block device of a usual name", "is a device", new Tar().node("dev/null", '4', 1, 3)),
                refused("a link to nothing", "usable target", new Tar().symlink("l", "")),
                refused(
                        "a link too far",
                        "usable target",
                        new Tar().pax("linkpath=" + "t".repeat(4096)).symlink("l", "x")),
                refused(
                        "an owner that is none",
                        "owner",
                        new Tar().pax("uid=4294967295").file("f", "")),
                refused("an owner below 0", "owner", new Tar().pax("gid=-1").file("f", "")),
                refused(
                        "capabilities that are none",
                        "capabilities",
                        new Tar().pax(CAPABILITY + "x").file("f", "")),
                refused(
                        "attributes",
                        "3072 bytes",
                        new Tar().pax("SCHILY.xattr.user.a=" + "v".repeat(3072)).file("f", "")),
                refused("10 TB of holes", "more than 1024 MiB", new Tar().sparse("s", "x", 10L << 40)),
                refused("10 TB", "more than 1024 MiB", new Tar().header("f", '0', 10L << 40, "")),
                refused(
                        "deep by a link",
                        "too deep",
                        new Tar()
                                .pax("path=" + "d/".repeat(100))
                                .directory("d")
                                .pax("linkpath=" + "d/".repeat(100))
                                .symlink("l", "x"),
                        new Tar().pax("path=l/" + "e/".repeat(100)).directory("d")));
    }

    private static Arguments refused(String name, String reason, Tar... layers) {
        return Arguments.of(name, reason, layers);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void refuses(String name, String reason, Tar[] layers) {
        assertThatThrownBy(() -> Layers.merge(Layers.BOUNDS, ends(layers)))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining(reason);
    }

    static Stream<Arguments> merged() {
        return Stream.of(
                merged(
                        "leading and trailing",
                        List.of("d a 755", "f a/f 0.1"),
                        new Tar().directory("./a/").file(".//a/./f", "x")),
                merged("twice", List.of("f a 0.1"), new Tar().file("a", "1").file("a", "2")),
                merged(
                        "folders that nobody names",
                        List.of("d a 755", "d a/b 755", "f a/b/c 0.0"),
                        new Tar().file("a/b/c", "")),
                merged("FIFO", List.of("p p"), new Tar().node("p", '6', 0, 0)),
                merged(
                        "usual devices",
                        List.of("d dev 755"),
                        new Tar().directory("dev").node("dev/null", '3', 1, 3).node("./dev/ptmx", '3', 5, 2)),
                merged(
                        "a device over a file",
                        List.of("d dev 755"),
                        new Tar().file("dev/null", "x"),
                        new Tar().node("dev/null", '3', 1, 3)),
                merged(
                        "whiteout",
                        List.of("d a 755", "f a/g 0.1"),
                        new Tar().file("a/f", "").file("a/g", ""),
                        new Tar().file("a/.wh.f", "")),
                merged(
                        "whiteout of nothing",
                        List.of("f f 0.0"),
                        new Tar().file("f", ""),
                        new Tar().file(".wh.x", "").file("y/.wh.x", "").file("f/.wh.x", "")),
                merged(
                        "whiteout of a folder",
                        List.of("f z 0.2"),
                        new Tar().file("a/b/c", "").file("a/d", "").file("z", ""),
                        new Tar().file(".wh.a", "")),
                merged(
                        "whiteout before its own",
                        List.of("f f 1.1"),
                        new Tar().file("f", ""),
                        new Tar().file(".wh.f", "").file("f", "")),
                merged(
                        "whiteout behind its own",
                        List.of("f f 1.0"),
                        new Tar().file("f", ""),
                        new Tar().file("f", "").file(".wh.f", "")),
                merged(
                        "whiteout behind its own folder",
                        List.of("d a 700", "f a/n 1.1"),
                        new Tar().file("a/o", ""),
                        new Tar()
                                .entry("a", '5', 0700, 0, 0, 0, "")
                                .file("a/n", "")
                                .file(".wh.a", "")),
                merged(
                        "whiteout behind what is in its folder",
                        List.of("d a 755", "f a/n 1.0"),
                        new Tar().entry("a", '5', 0700, 0, 0, 0, "").file("a/o", ""),
                        new Tar().file("a/n", "").file(".wh.a", "")),
                merged(
                        "opaque first",
                        List.of("d a 755", "f a/n 1.1"),
                        new Tar().file("a/o", "").file("a/b/o", ""),
                        new Tar().file("a/.wh..wh..opq", "").file("a/n", "")),
                merged(
                        "opaque last",
                        List.of("d a 755", "d a/b 755", "f a/b/n 1.1", "f a/n 1.0"),
                        new Tar()
                                .file("a/o", "")
                                .entry("a/b", '5', 0700, 0, 0, 0, "")
                                .file("a/b/o", ""),
                        new Tar().file("a/n", "").file("a/b/n", "").file("a/.wh..wh..opq", "")),
                merged(
                        "opaque top",
                        List.of("f n 1.0"),
                        new Tar().file("a/o", ""),
                        new Tar().file("n", "").file(".wh..wh..opq", "")),
                merged(
                        "aufs",
                        List.of("f f 0.2"),
                        new Tar()
                                .directory(".wh..wh.plnk")
                                .file(".wh..wh.plnk/1.2", "")
                                .file("f", "")
                                .file(".wh..wh.aufs", "")),
                merged(
                        "a file over a folder",
                        List.of("f a 1.0"),
                        new Tar().file("a/b/c", ""),
                        new Tar().file("a", "")),
                merged(
                        "a folder over a file",
                        List.of("d a 755", "f a/b 1.1"),
                        new Tar().file("a", ""),
                        new Tar().directory("a").file("a/b", "")),
                merged(
                        "a folder again is empty",
                        List.of("d a 755"),
                        new Tar().file("a/b", ""),
                        new Tar().file("a", ""),
                        new Tar().directory("a")),
                merged(
                        "a folder's attributes",
                        List.of("d a 700", "f a/b 0.1"),
                        new Tar().directory("a").file("a/b", ""),
                        new Tar().entry("a", '5', 0700, 0, 0, 0, "")),
                merged(
                        "a folder over a lower link",
                        List.of("d bin 755", "f bin/n 1.1", "d usr 755", "f usr/o 0.0"),
                        new Tar().file("usr/o", "").symlink("bin", "usr"),
                        new Tar().directory("bin").file("bin/n", "")),
                merged(
                        "below a lower link",
                        List.of("l bin usr/bin", "d usr 755", "d usr/bin 755", "f usr/bin/tool 1.0"),
                        new Tar().directory("usr/bin").symlink("bin", "usr/bin"),
                        new Tar().file("bin/tool", "")),
                merged(
                        "below an absolute lower link, a link and up",
                        List.of(
                                "l bin /u/bin",
                                "l u ./x/../usr",
                                "d usr 755",
                                "d usr/bin 755",
                                "f usr/bin/tool 1.0",
                                "d x 755"),
                        new Tar()
                                .directory("usr/bin")
                                .directory("x")
                                .symlink("u", "./x/../usr")
                                .symlink("bin", "/u/bin"),
                        new Tar().file("bin/tool", "")),
                merged(
                        "up from the top",
                        List.of("l l ../../d", "d d 755", "f d/f 1.0").stream()
                                .sorted((a, b) -> a.substring(2).compareTo(b.substring(2)))
                                .toList(),
                        new Tar().directory("d").symlink("l", "../../d"),
                        new Tar().file("l/f", "")),
                merged(
                        "whiteout through a lower link",
                        List.of("l bin usr", "d usr 755"),
                        new Tar().file("usr/o", "").symlink("bin", "usr"),
                        new Tar().file("bin/.wh.o", "")),
                merged(
                        "whiteout above what its own layer put behind a lower link",
                        List.of("l bin usr/bin", "d usr 755", "d usr/bin 755", "f usr/bin/tool 1.0"),
                        new Tar().file("usr/bin/old", "").symlink("bin", "usr/bin"),
                        new Tar().file("bin/tool", "").file(".wh.usr", "")),
                merged(
                        "whiteout of a lower link",
                        List.of("d usr 755", "f usr/o 0.0"),
                        new Tar().file("usr/o", "").symlink("bin", "usr"),
                        new Tar().file(".wh.bin", "")),
                merged(
                        "a hard link",
                        List.of("f a 0.0", "f b 0.0"),
                        new Tar().file("a", "x").hardLink("b", "./a")),
                merged(
                        "a hard link to a lower file",
                        List.of("f a 0.0", "f b 0.0"),
                        new Tar().file("a", "x"),
                        new Tar().hardLink("b", "a")),
                merged(
                        "a hard link whose first name is replaced",
                        List.of("f a 1.0", "f b 0.0"),
                        new Tar().file("a", "x").hardLink("b", "a"),
                        new Tar().file("a", "y")),
                merged(
                        "a hard link whose first name is hidden",
                        List.of("f b 0.0"),
                        new Tar().file("a", "x").hardLink("b", "a"),
                        new Tar().file(".wh.a", "")),
                merged(
                        "a hard link through a lower link",
                        List.of("f b 0.0", "d d 755", "f d/a 0.0", "l s d"),
                        new Tar().file("d/a", "x").symlink("s", "d"),
                        new Tar().hardLink("b", "s/a")),
                merged(
                        "a hard link in place of its target's folder",
                        List.of("f d 0.0"),
                        new Tar().file("d/a", "x").hardLink("d", "d/a")),
                merged(
                        "a hard link to itself",
                        List.of("f a 0.0"),
                        new Tar().file("a", "x").hardLink("a", "a")),
                merged(
                        "a hard link to a link",
                        List.of("l a t", "l b t"),
                        new Tar().symlink("a", "t").hardLink("b", "a")),
                merged(
                        "lost+found",
                        List.of("d a 755", "d a/lost+found 755", "f b 0.1"),
                        new Tar()
                                .directory("lost+found")
                                .file("lost+found/f", "")
                                .hardLink("b", "lost+found/f")
                                .directory("a/lost+found")),
                merged("any bytes", List.of("f \u00ff\u0001 0.0"), new Tar().file("\u00ff\u0001", "")),
                merged("a whiteout as a folder", List.of(), new Tar().file("a", ""), new Tar().directory(".wh.a")));
    }

    private static Arguments merged(String name, List<String> expected, Tar... layers) {
        return Arguments.of(name, expected, layers);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("merged")
    void merges(String name, List<String> expected, Tar[] layers) throws IOException {
        assertThat(Layers.list(Layers.merge(Layers.BOUNDS, ends(layers)))).isEqualTo(expected);
    }

    @Test
    void keepsUsersAttributesAndCapabilitiesThatCountEverywhere() throws IOException {
        byte[] revision3 = {1, 0, 0, 3, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] ofAnother = revision3.clone();
        ofAnother[20] = 1;
        byte[] revision2 = java.util.Arrays.copyOf(revision3, 20);
        revision2[3] = 2;
        assertThat(LayerRules.xattrs(file(Map.of("security.capability", revision3, "user.a", new byte[0]))))
                .containsOnlyKeys("security.capability", "user.a")
                .containsEntry("security.capability", revision2);
        assertThat(LayerRules.xattrs(file(Map.of("security.capability", ofAnother, "security.selinux", revision2))))
                .isEmpty();
        Map<String, byte[]> many = new HashMap<>();
        for (int i = 0; i < 120; i++) {
            many.put("user." + i, new byte[0]);
        }
        assertThatThrownBy(() -> LayerRules.xattrs(file(many))).hasMessageContaining("3072 bytes");
        for (String name : List.of("user.a=b", "user.a%3Db")) {
            assertThatThrownBy(() -> LayerRules.xattrs(file(Map.of(name, new byte[0]))))
                    .hasMessageContaining("unusable name");
        }
    }

    private static TarEntry file(Map<String, byte[]> xattrs) {
        return new TarEntry("f", EntryKind.FILE, 0644, 0, 0, 0, 0, "", xattrs, null, null);
    }

    @Test
    void aFolderHoldsSoManyNamesAndNoMore() throws IOException {
        MergedTree tree = Layers.merge(
                Layers.BOUNDS,
                new Tar().file("a/b/1", "").file("a/b/2", "").directory("a/b/3").end(),
                new Tar().file("a/b/.wh.1", "").file("a/b/4", "").end());
        tree.requireModestFolders(3);
        assertThatThrownBy(() -> tree.requireModestFolders(2))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("`a/b` holds more than the 2 names");
    }

    @Test
    void boundsEntriesNamesAndTheirBytes() {
        UnpackBounds few = new UnpackBounds(1 << 20, false, 1 << 20, 100, 1 << 20);
        Tar again = new Tar();
        for (int i = 0; i <= 100; i++) {
            again.file("f", "");
        }
        assertThatThrownBy(() -> Layers.merge(few, again.end())).hasMessageContaining("100 entries");
        byte[] deep = new Tar()
                .pax("path=" + "a/".repeat(60))
                .directory("d")
                .pax("path=" + "b/".repeat(60))
                .directory("d")
                .end();
        assertThatThrownBy(() -> Layers.merge(few, deep)).hasMessageContaining("100 names");
        UnpackBounds short1 = new UnpackBounds(1 << 20, false, 1 << 20, 100, 200);
        byte[] names = new Tar()
                .file("f".repeat(90), "")
                .symlink("l", "t".repeat(90))
                .file("g".repeat(90), "")
                .end();
        assertThatThrownBy(() -> Layers.merge(short1, names)).hasMessageContaining("names of the image's files");
    }

    @Test
    void holesCountForTheSizeOfFilesAndForNothingElse() throws IOException {
        UnpackBounds bounds = UnpackBounds.of(Map.of(), 1);
        byte[] holes = new Tar().sparse("f", "x", 40L << 30).end();
        MergedTree tree = Layers.merge(bounds, holes);
        assertThat(new TreeWriter(tree).diskBytes()).isLessThan(1 << 20);
        assertThatThrownBy(() -> Layers.merge(bounds, holes, holes))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("65536 MiB, holes included")
                .hasMessageContaining("PYRO_MAX_IMAGE_MIB");
        byte[] zeros = new Tar().header("f", '0', 9L << 30, "").end();
        assertThatThrownBy(() -> Layers.merge(bounds, zeros)).hasMessageContaining("8192 MiB");
    }

    @Test
    void aRatioIsNoReasonToRaiseABound() {
        assertThat(UnpackBounds.of(Map.of(), 1).tooLarge())
                .hasMessageContaining("8192 MiB")
                .hasMessageContaining("honest");
        assertThat(UnpackBounds.of(Map.of("PYRO_MAX_IMAGE_MIB", "7"), 1).tooLarge())
                .hasMessageContaining("more than 7 MiB")
                .hasMessageContaining("raise PYRO_MAX_IMAGE_MIB");
        assertThatThrownBy(() -> UnpackBounds.of(Map.of("PYRO_MAX_IMAGE_MIB", "x"), 1))
                .hasMessageContaining("`x`");
    }

    private static byte[][] ends(Tar[] layers) {
        return Stream.of(layers).map(Tar::end).toArray(byte[][]::new);
    }
}
