package dev.pyro.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command lines that make and read ext4 images. */
final class Ext4CommandLine {
    /** Fixed, so that the same content gives the same image but for its inodes' access times; nothing is mounted by it. */
    static final String UUID = "70797231-0000-4000-8000-000000000001";

    static final String HASH_SEED = "70797231-0000-4000-8000-000000000002";

    /** Named one by one, so that the host's mke2fs.conf has no say: the guest's kernel must know them all. */
    static final String FEATURES = "none,dir_index,dir_nlink,ext_attr,extent,extra_isize,filetype,flex_bg,huge_file,"
            + "large_file,metadata_csum,resize_inode,sparse_super,64bit";

    /**
     * How far the file system can grow while it is mounted, in blocks: 4 TiB. It makes mke2fs reserve descriptor blocks, which
     * is what growing takes.
     */
    static final long GROWTH_LIMIT_BLOCKS = (4L << 40) / Ext4Images.BLOCK_BYTES;

    private static final String DISK_FEATURES = "none,dir_index,dir_nlink,ext_attr,extent,extra_isize,filetype,flex_bg,"
            + "has_journal,huge_file,large_file,metadata_csum,sparse_super,64bit";

    /** Two programs in one process tree, because to make namespaces takes longer than either. */
    private static final String BUILD_DISK = """
            debugfs=$1; folder=$2; image=$3; shift 3
            "$@" || exit
            if [ ! -e "$folder/lost+found" ]; then exec "$debugfs" -w -R 'rmdir /lost+found' "$image"; fi
            """;

    /** mke2fs of Debian 12 gives the top folder an owner, but always the same mode. */
    private static final String BUILD_WITH_MODE = """
            debugfs=$1; mode=$2; image=$3; shift 3
            "$@" || exit
            exec "$debugfs" -w -R "set_inode_field / mode $mode" "$image"
            """;

    private static final int FOLDER = 0040000;

    private static final long LARGE_DISK_BYTES = 1L << 30;
    private static final int JOURNAL_MIB = 32;

    private Ext4CommandLine() {}

    /**
     * Makes an image from a folder. There is no journal: the image is never written, and what lies over it is thrown away. The
     * inode tables are taken as zeroed, which a new sparse file is; so they take no room, and no guest ever zeroes them.
     */
    static List<String> build(
            Path mke2fs, Path debugfs, Path folder, Path image, long sizeBytes, long inodes, Ext4Images.Top top) {
        List<String> build = build(mke2fs, folder, image, sizeBytes, inodes, top);
        if (top.mode() == Ext4Images.Top.USUAL_MODE) {
            return build;
        }
        List<String> line = new ArrayList<>(List.of("sh", "-c", BUILD_WITH_MODE, "sh"));
        line.addAll(List.of(debugfs.toString(), "0" + Integer.toOctalString(FOLDER | top.mode()), image.toString()));
        line.addAll(build);
        return List.copyOf(line);
    }

    /** As above, with the top folder's mode as mke2fs makes it. */
    static List<String> build(Path mke2fs, Path folder, Path image, long sizeBytes, long inodes, Ext4Images.Top top) {
        return List.of(
                mke2fs.toString(),
                "-q",
                "-F",
                "-t",
                "ext4",
                "-b",
                Integer.toString(Ext4Images.BLOCK_BYTES),
                "-I",
                "256",
                "-m",
                "0",
                "-N",
                Long.toString(inodes),
                "-O",
                FEATURES,
                "-U",
                UUID,
                "-E",
                "hash_seed=" + HASH_SEED
                        + ",assume_storage_prezeroed=1,lazy_itable_init=1,nodiscard,root_owner=" + top.uid() + ":"
                        + top.gid() + ",resize=" + GROWTH_LIMIT_BLOCKS,
                "-d",
                folder.toString(),
                image.toString(),
                sizeBytes / 1024 + "k");
    }

    /**
     * Makes an image that a guest writes: with a journal, whose size bounds what each layer over the image gets of it. The inode
     * tables and the journal are taken as zeroed, as in {@link #build}. There is no {@code lost+found} but the folder's own: e2fsck
     * makes one when it needs it.
     *
     * <p>mke2fs gives files the owners that it sees. For another one than root it runs in a user namespace of its own, in which root of
     * the build namespace has that number; so the folder, which may be a user's own directory, is neither changed nor copied, and any
     * number will do.
     */
    static List<String> buildDisk(
            Path mke2fs, Path debugfs, Path folder, Path image, long sizeBytes, long inodes, int uid, int gid) {
        String user = Integer.toUnsignedString(uid);
        String group = Integer.toUnsignedString(gid);
        List<String> line = new ArrayList<>(List.of("sh", "-c", BUILD_DISK, "sh"));
        line.addAll(List.of(debugfs.toString(), folder.toString(), image.toString()));
        if (uid != 0 || gid != 0) {
            line.addAll(
                    List.of("unshare", "--user", "--map-user=" + user, "--map-group=" + group, "--keep-caps", "--"));
        }
        line.addAll(List.of(mke2fs.toString(), "-q", "-F", "-t", "ext4"));
        line.addAll(List.of("-b", Integer.toString(Ext4Images.BLOCK_BYTES), "-I", "256", "-m", "0"));
        line.addAll(List.of("-N", Long.toString(inodes), "-O", DISK_FEATURES));
        if (sizeBytes >= LARGE_DISK_BYTES) {
            line.addAll(List.of("-J", "size=" + JOURNAL_MIB));
        }
        line.addAll(List.of(
                "-E",
                "assume_storage_prezeroed=1,lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=" + user + ":"
                        + group));
        line.addAll(List.of("-d", folder.toString(), image.toString(), sizeBytes / 1024 + "k"));
        return List.copyOf(line);
    }

    /** What makes the image's own times the same each time. */
    static Map<String, String> buildVariables(long epochSeconds) {
        return Map.of("E2FSPROGS_FAKE_TIME", Long.toString(epochSeconds));
    }
}
