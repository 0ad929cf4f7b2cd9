package dev.pyro.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class KernelModulesTest {
    @TempDir
    private Path folder;

    private KernelTree tree;

    @BeforeEach
    void makeTree() throws IOException {
        tree = KernelTree.make(folder);
    }

    private List<String> order() throws IOException {
        return KernelModules.select(KernelTree.RELEASE, new FolderModules(tree.modules())).stream()
                .map(ModuleFile::fileName)
                .toList();
    }

    private void assertLacking(String name) {
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(this::order)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RUNTIME_UNAVAILABLE))
                .withMessageContaining("no driver " + name)
                .withMessageContaining("PYRO_KERNEL");
    }

    @Test
    void putsDependenciesFirst() throws IOException {
        assertThat(order())
                .containsExactly(
                        "virtio_ring.ko",
                        "virtio.ko",
                        "virtio_mmio.ko",
                        "virtio_blk.ko",
                        "virtio_console.ko",
                        "virtio-rng.ko",
                        "failover.ko",
                        "net_failover.ko",
                        "virtio_net.ko");
    }

    @Test
    void takesWhatTheFileSystemNeedsWhenThatIsAModule() throws IOException {
        tree.builtIn();
        tree.module("ext4.ko", "jbd2,mbcache,crc16");
        tree.module("jbd2.ko", "");
        tree.module("mbcache.ko", "deep-one");
        tree.module("deep-one.ko", "deeper");
        tree.module("deeper.ko", "");
        tree.module("crc16.ko", "");
        tree.module("crc32c_generic.ko", "");
        assertThat(order())
                .startsWith("crc32c_generic.ko")
                .containsSubsequence("jbd2.ko", "ext4.ko")
                .containsSubsequence("deeper.ko", "deep-one.ko", "mbcache.ko", "crc16.ko", "ext4.ko");
    }

    @Test
    void leavesOutWhatIsBuiltIn() throws IOException {
        tree.builtIn(
                "kernel/fs/ext4/ext4.ko",
                "kernel/drivers/virtio/virtio.ko",
                "kernel/drivers/virtio/virtio_ring.ko",
                "kernel/drivers/block/virtio-blk.ko");
        tree.remove("virtio_blk.ko");
        tree.remove("virtio-rng.ko");
        assertThat(order())
                .containsExactly(
                        "virtio_mmio.ko", "virtio_console.ko", "failover.ko", "net_failover.ko", "virtio_net.ko");
    }

    @Test
    void unpacksCompressedModules() throws IOException {
        Path drivers = tree.modules().resolve("kernel/drivers");
        byte[] plain = Files.readAllBytes(drivers.resolve("virtio.ko"));
        tree.remove("virtio.ko");
        try (OutputStream stream =
                new XZOutputStream(Files.newOutputStream(drivers.resolve("virtio.ko.xz")), new LZMA2Options(0))) {
            stream.write(plain);
        }
        byte[] ring = Files.readAllBytes(drivers.resolve("virtio_ring.ko"));
        tree.remove("virtio_ring.ko");
        try (OutputStream stream = new GZIPOutputStream(Files.newOutputStream(drivers.resolve("virtio_ring.ko.gz")))) {
            stream.write(ring);
        }
        List<ModuleFile> modules = KernelModules.select(KernelTree.RELEASE, new FolderModules(tree.modules()));
        assertThat(modules).extracting(ModuleFile::fileName).startsWith("virtio_ring.ko", "virtio.ko");
        assertThat(modules.getFirst().content()).isEqualTo(ring);
        assertThat(modules.get(1).content()).isEqualTo(plain);
    }

    @Test
    void refusesModulesThatItCannotUnpack() throws IOException {
        Path drivers = tree.modules().resolve("kernel/drivers");
        Files.move(drivers.resolve("virtio.ko"), drivers.resolve("virtio.ko.zst"));
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(this::order)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RUNTIME_UNAVAILABLE))
                .withMessageContaining("zstd");
    }

    @Test
    void namesTheDriverThatAKernelLacks() throws IOException {
        tree.remove("virtio_blk.ko");
        assertLacking("virtio_blk");
    }

    @Test
    void namesTheDependencyThatIsMissing() throws IOException {
        tree.remove("failover.ko");
        assertLacking("failover");
    }

    @Test
    void refusesDependenciesInACircle() throws IOException {
        tree.module("virtio_ring.ko", "virtio");
        assertLacking("virtio");
    }

    @Test
    void asksNothingOfAKernelWithoutModules() throws IOException {
        assertThat(KernelModules.select(KernelTree.RELEASE, ModuleSource.NONE)).isEmpty();
    }
}
