package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.disk.TreeMeasure;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole unpackings by the host's tools: what is made is what umoci makes of the same layers, whoever makes it and however they are compressed. */
class ImageUnpackerIT {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final int STACKS = 4;
    private static final String CAPABILITY = "SCHILY.xattr.security.capability=\1\0\0\2\0 \0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    @TempDir
    static Path base;

    @BeforeAll
    static void openToOthers() throws IOException {
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /**
     * Everything that a layer can hold, over three layers.
     *
     * @param odd whether it has what umoci takes another way: holes, which it does not know, attributes that do not count, and fractions of seconds
     */
    static byte[][] everything(boolean odd) {
        byte[] first = new Tar()
                .directory("./")
                .directory("etc")
                .file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/:/bin/sh\n")
                .file("etc/group", "root:x:0:\nstaff:x:50:\n")
                .directory("usr")
                .directory("usr/lib")
                .file("usr/lib/os-release", "ID=test\nVERSION_ID=\"1.2\"\n")
                .symlink("etc/os-release", "../usr/lib/os-release")
                .directory("usr/bin")
                .symlink("bin", "usr/bin")
                .pax("SCHILY.xattr.user.note=\u00ff\0=\n")
                .entry("usr/bin/su", '0', 04755, 0, 0, 2, "")
                .bytes("su")
                .pax(CAPABILITY, odd ? "SCHILY.xattr.trusted.x=y" : "a=b")
                .file("usr/bin/ping", "ping")
                .hardLink("usr/bin/ping6", "usr/bin/ping")
                .entry("usr/bin/caf\u00e9\u0001", '0', 0640, 1000, 65535, 1, "")
                .bytes("c")
                .directory("opaque")
                .file("opaque/old", "x")
                .directory("gone")
                .file("gone/f", "x")
                .file("hidden", "x")
                .end();
        byte[] second = new Tar()
                .directory("opaque")
                .file("opaque/.wh..wh..opq", "")
                .file("opaque/new", "x")
                .file(".wh.gone", "")
                .file(".wh.hidden", "")
                .directory("usr/bin")
                .hardLink("usr/bin/su2", "usr/bin/su")
                .file("usr/bin/ping", "another")
                .node("usr/fifo", '6', 0, 0)
                .directory("usr")
                .end();
        String name = "n".repeat(250);
        Tar holed = new Tar();
        holed = odd ? holed.sparse("holes", "data", 100_000) : holed.file("holes", "data" + "\0".repeat(100_000 - 4));
        byte[] third = holed.pax("SCHILY.xattr.user.top=t")
                .entry("./", '5', 01775, 1000, 65534, 0, "")
                .directory("tmp")
                .entry("tmp", '5', 01777, 0, 0, 0, "")
                .pax("path=tmp/" + name)
                .directory("x")
                .pax("path=tmp/" + name + "/\u00ff" + name)
                .file("x", "long")
                .pax("linkpath=" + "t/".repeat(100) + "t", "mtime=-5")
                .symlink("tmp/far", "x")
                .pax(odd ? "mtime=2147483647.9" : "mtime=2147483647")
                .file("tmp/late", "")
                .entry("tmp", '5', 01777, 0, 0, 0, "")
                .end();
        return new byte[][] {first, second, third};
    }

    @Test
    void everyCompressionMakesWhatUmociMakes() throws IOException {
        assumeThat(Host.isRoot()).as("umoci gives owners only as root").isTrue();
        Path folder = Files.createDirectory(base.resolve("everything"));
        String expected = umoci(folder, everything(false));
        byte[][] plain = everything(true);
        byte[][] mixed = {Tar.gzip(plain[0]), zstd(folder, plain[1]), plain[2]};

        Unpacked unpacked = unpack(Layers.image(folder, "app:staff", mixed), folder);

        assertThat(unpacked.digest()).isEqualTo(expected);
        assertThat(unpacked.user()).contains(new OwnerIds(1000, 50));
        assertThat(unpacked.osRelease()).containsEntry("ID", "test").containsEntry("VERSION_ID", "1.2");
        assertThat(unpacked.rootfsImage()).isRegularFile();
        String inside = HostCommand.of(
                        BOUND,
                        List.of(
                                "debugfs",
                                "-R",
                                "stat /usr/bin/ping6",
                                unpacked.rootfsImage().toString()))
                .run()
                .output();
        assertThat(inside).contains("security.capability").doesNotContain("trusted");
        // What is pushed is what was pulled, its top folder included.
        assertThat(digestOfLayer(unpacked.rootfsImage(), folder)).isEqualTo(expected);
        assertThat(folder.resolve("stage")).isDirectoryNotContaining("glob:**/unpack");
    }

    @Test
    void randomLayersMakeWhatUmociMakes() throws IOException {
        assumeThat(Host.isRoot()).as("umoci gives owners only as root").isTrue();
        for (int seed = 0; seed < STACKS; seed++) {
            Path folder = Files.createDirectory(base.resolve("random" + seed));
            byte[][] layers = new RandomLayers(new Random(seed)).make(4, 30);
            assertThat(unpack(Layers.image(folder, null, layers), folder).digest())
                    .as("seed %s", seed)
                    .isEqualTo(umoci(folder, layers));
        }
    }

    @Test
    void aRefusalNamesLayerAndEntryAndLeavesNothing() throws IOException {
        Path folder = Files.createDirectory(base.resolve("refused"));
        byte[] good = new Tar().file("f", "x").end();
        byte[] bad = Tar.gzip(new Tar().file("g", "x").file("../out\u001b", "x").end());

        assertFails(
                Layers.image(folder, null, good, bad),
                folder,
                ErrorCode.ARCHIVE_REFUSED,
                "the image's layer 2 of 2 (sha256:layer1) is refused: entry `../out?` has a name with `..`");
        assertFails(Layers.image(folder, null, cut(good)), folder, ErrorCode.ARCHIVE_REFUSED, "it is truncated");
        assertFails(
                Layers.image(folder, null, cut(zstd(folder, good))), folder, ErrorCode.ARCHIVE_REFUSED, "zstd data");
        assertThat(base.resolve("out\u001b")).doesNotExist();
    }

    @Test
    void anInterruptEndsItInEachPhase() throws IOException {
        Path folder = Files.createDirectory(base.resolve("interrupted"));
        LocalImage image = Layers.image(folder, null, everything(true));
        for (String phase : List.of("unpack", "fraction", "image")) {
            Path stage = Files.createDirectory(folder.resolve("stage-" + phase));
            Progress.Listener interrupter = progress -> {
                if (progress.fraction() == null ? progress.phase().equals(phase) : phase.equals("fraction")) {
                    Thread.currentThread().interrupt();
                }
            };
            assertThatThrownBy(() -> new ImageUnpacker(new HostTools(), BuildNamespace.ofThisUser())
                            .unpack(image, stage, interrupter))
                    .as(phase)
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
            assertThat(Thread.interrupted()).as(phase).isTrue();
            assertThat(stage).as(phase).isEmptyDirectory();
        }
        await().atMost(BOUND)
                .until(() -> ProcessHandle.current().descendants().findAny().isEmpty());
    }

    private static byte[] cut(byte[] layer) {
        return Arrays.copyOf(layer, layer.length - 600 < 1 ? layer.length - 9 : layer.length - 600);
    }

    private static void assertFails(LocalImage image, Path folder, ErrorCode code, String text) throws IOException {
        Path stage = folder.resolve("stage");
        assertThatThrownBy(() -> unpack(image, folder))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(text);
        assertThat(stage).isEmptyDirectory();
        Files.delete(stage);
    }

    private static String umoci(Path folder, byte[]... layers) throws IOException {
        OciLayout.write(folder.resolve("layout"), layers);
        Path bundle = folder.resolve("bundle");
        HostCommand.of(BOUND, List.of("umoci", "unpack", "--image", folder.resolve("layout") + ":t", bundle.toString()))
                .runOrFail("unpack with umoci");
        return TreeMeasure.parse(HostCommand.of(BOUND, TreeMeasure.commandLine(bundle.resolve("rootfs")))
                        .runOrFail("measure"))
                .orElseThrow()
                .digest();
    }

    /** Writes a file system as a layer, makes one of that again, and returns the digest of its tree. */
    private static String digestOfLayer(Path rootfs, Path folder) throws IOException {
        Path again = Files.createDirectory(folder.resolve("again"));
        Ext4Layer.write(rootfs, again.resolve("layer"), bytes -> {});
        byte[] layer = Files.readAllBytes(again.resolve("layer"));
        return unpack(Layers.image(again, null, layer), again).digest();
    }

    private static Unpacked unpack(LocalImage image, Path folder) throws IOException {
        return new ImageUnpacker(new HostTools(), BuildNamespace.ofThisUser())
                .unpack(image, Files.createDirectory(folder.resolve("stage")), Progress.Listener.NONE);
    }

    static byte[] zstd(Path folder, byte[] plain) throws IOException {
        Path file = Files.write(folder.resolve("plain"), plain);
        HostCommand.of(BOUND, List.of("zstd", "-qf", file.toString())).runOrFail("compress");
        return Files.readAllBytes(folder.resolve("plain.zst"));
    }
}
