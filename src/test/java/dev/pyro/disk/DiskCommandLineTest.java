package dev.pyro.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiskCommandLineTest {
    @Test
    void buildsAnImageWithoutJournalThatStaysSparseAndCanGrow() {
        assertThat(Ext4CommandLine.build(
                        Path.of("/sbin/mke2fs"),
                        Path.of("/sbin/debugfs"),
                        Path.of("/build/tree"),
                        Path.of("/build/rootfs.ext4"),
                        2L << 30,
                        131072,
                        Ext4Images.Top.usual(7)))
                .containsExactly(
                        "/sbin/mke2fs",
                        "-q",
                        "-F",
                        "-t",
                        "ext4",
                        "-b",
                        "4096",
                        "-I",
                        "256",
                        "-m",
                        "0",
                        "-N",
                        "131072",
                        "-O",
                        "none,dir_index,dir_nlink,ext_attr,extent,extra_isize,filetype,flex_bg,huge_file,large_file,"
                                + "metadata_csum,resize_inode,sparse_super,64bit",
                        "-U",
                        "70797231-0000-4000-8000-000000000001",
                        "-E",
                        "hash_seed=70797231-0000-4000-8000-000000000002,assume_storage_prezeroed=1,"
                                + "lazy_itable_init=1,nodiscard,root_owner=0:0,resize=1073741824",
                        "-d",
                        "/build/tree",
                        "/build/rootfs.ext4",
                        "2097152k");
        assertThat(Ext4CommandLine.buildVariables(7)).containsEntry("E2FSPROGS_FAKE_TIME", "7");
    }

    @Test
    void givesTheTopFolderItsOwnerAndAModeOfItsOwn() {
        List<String> line = Ext4CommandLine.build(
                Path.of("/sbin/mke2fs"),
                Path.of("/sbin/debugfs"),
                Path.of("/build/tree"),
                Path.of("/build/rootfs.ext4"),
                2L << 30,
                131072,
                new Ext4Images.Top(3_000_000_000L, 44, 01775, 7));
        assertThat(line.subList(3, 8))
                .containsExactly("sh", "/sbin/debugfs", "041775", "/build/rootfs.ext4", "/sbin/mke2fs");
        assertThat(line)
                .filteredOn(word -> word.contains(",root_owner=3000000000:44,"))
                .hasSize(1);
    }

    @Test
    void tellsAFileSystemThatIsTooSmallFromAFullDisk() {
        String small = "mke2fs: Could not allocate block in ext2 filesystem while populating file system";
        String full = "mke2fs: No space left on device while writing out and closing file system";
        assertThat(Ext4Images.buildFailure(Path.of("/build/rootfs.ext4"), 2L << 30, small))
                .hasMessageContaining("does not fit into the 2048 MiB")
                .hasMessageNotContaining("disk is full")
                .extracting(PyroException::code)
                .isEqualTo(ErrorCode.HOST_TOOL_FAILED);
        assertThat(Ext4Images.buildFailure(Path.of("/build/rootfs.ext4"), 2L << 30, small + full)
                        .code())
                .isEqualTo(ErrorCode.DISK_FULL);
    }

    @Test
    void namesTheFormatOfTheBase() {
        assertThat(Qcow2CommandLine.createOverlay(
                        Path.of("/usr/bin/qemu-img"),
                        Path.of("/vm/root.qcow2"),
                        Path.of("/env/rootfs.ext4"),
                        "raw",
                        16L << 30))
                .containsExactly(
                        "/usr/bin/qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "-F",
                        "raw",
                        "-b",
                        "/env/rootfs.ext4",
                        "/vm/root.qcow2",
                        "17179869184");
    }

    @Test
    void sizesAnImageAfterItsContent() {
        assertThat(Ext4Images.imageBytes(new Ext4Images.Content(0, 0))).isEqualTo(2L << 30);
        assertThat(Ext4Images.imageBytes(new Ext4Images.Content(4L << 30, 0))).isEqualTo((5L << 30) + (256L << 20));
        assertThat(Ext4Images.imageBytes(new Ext4Images.Content((4L << 30) + 1, 0)) % (1 << 20))
                .isZero();
        assertThat(Ext4Images.inodes(new Ext4Images.Content(0, 0))).isEqualTo(131072);
        assertThat(Ext4Images.inodes(new Ext4Images.Content(0, 1_000_000))).isGreaterThan(1_000_000);
    }
}
