package dev.pyro.disk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Makes raw sparse ext4 images with the host's e2fsprogs. Immutable; safe for use by several threads. */
public final class Ext4Images {
    static final int BLOCK_BYTES = 4096;

    /** An image is at least this large; it is sparse, so that this costs nothing. */
    static final long MIN_IMAGE_BYTES = 2L << 30;

    private static final long HEADROOM_BYTES = 256L << 20;
    private static final long BYTES_PER_INODE = 16 * 1024;
    private static final long RESERVED_INODES = 64;
    private static final long MIB = 1L << 20;
    private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(20);

    private static final Pattern NO_ROOM_INSIDE = Pattern.compile(
            "Could not allocate (block|inode) in ext2|too big for a\\s+filesystem|Directory block .* full");

    private static final String NO_ROOM_OUTSIDE = "No space left on device";

    private final HostTools tools;
    private final BuildNamespace namespace;

    public Ext4Images(HostTools tools, BuildNamespace namespace) {
        this.tools = tools;
        this.namespace = namespace;
    }

    /**
     * What a folder holds.
     *
     * @param bytes how much of the disk it takes
     * @param entries how many files, folders and links there are
     */
    public record Content(long bytes, long entries) {}

    /**
     * What the top folder of a file system is like; mke2fs takes its content and attributes from the folder that it is given, and nothing else.
     *
     * @param uid whom it belongs to, 0 to 2³² − 2
     * @param gid its group, likewise
     * @param mode its permission bits
     * @param seconds its time since the epoch, at least 1; also that of the file system itself
     */
    public record Top(long uid, long gid, int mode, long seconds) {
        static final int USUAL_MODE = 0755;

        /** Returns one as every distribution has it. */
        public static Top usual(long seconds) {
            return new Top(0, 0, USUAL_MODE, seconds);
        }
    }

    /** Returns the virtual size of an image: what the content takes, and room to breathe. */
    static long imageBytes(Content content) {
        long wanted = content.bytes() + content.bytes() / 4 + HEADROOM_BYTES;
        return Math.max(MIN_IMAGE_BYTES, (wanted + MIB - 1) / MIB * MIB);
    }

    /** Returns how many inodes an image has before it grows. */
    static long inodes(Content content) {
        return Math.max(
                imageBytes(content) / BYTES_PER_INODE, content.entries() + content.entries() / 4 + RESERVED_INODES);
    }

    /**
     * Makes an image of a folder's content. Owners, modes, links, device nodes and extended attributes are as the build
     * namespace sees them.
     *
     * @param image does not exist yet
     * @param top what its top folder is like
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#DISK_FULL}, {@link
     *     ErrorCode#HOST_TOOL_MISSING}; what is left of the image is deleted
     */
    public void build(Path folder, Content content, Path image, Top top) {
        HostCommand command = new HostCommand(
                Ext4CommandLine.build(
                        tools.path(HostTool.MKE2FS),
                        tools.path(HostTool.DEBUGFS),
                        folder,
                        image,
                        imageBytes(content),
                        inodes(content),
                        top),
                null,
                Ext4CommandLine.buildVariables(top.seconds()),
                BUILD_TIMEOUT);
        boolean built = false;
        try {
            HostCommand.Result result = namespace.run(command, line -> {});
            if (result.exitCode() != 0) {
                throw buildFailure(image, imageBytes(content), result.output());
            }
            requireMode(image, top.mode(), result.output());
            built = true;
        } finally {
            if (!built) {
                AtomicFiles.deleteTree(image);
            }
        }
    }

    /** debugfs ends with 0 whatever happened. */
    private static void requireMode(Path image, int mode, String output) {
        if (mode == Top.USUAL_MODE) {
            return;
        }
        try (Ext4Reader reader = Ext4Reader.open(List.of(new DiskLayer(image, Qcow2.Format.RAW)))) {
            if (reader.root().permissions() != mode) {
                throw failure("set the mode of the top folder of " + image, output);
            }
        }
    }

    /** Tells a file system that came out too small from a disk of the host that is full. */
    static PyroException buildFailure(Path image, long sizeBytes, String output) {
        if (NO_ROOM_INSIDE.matcher(output).find() && !output.contains(NO_ROOM_OUTSIDE)) {
            return new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    "cannot build the file system " + image + ": what it is to hold does not fit into the "
                            + (sizeBytes >> 20) + " MiB that were measured for it (" + output.strip()
                            + "); a file system that compresses or shares files can mislead the measure: put the cache"
                            + " (PYRO_CACHE_DIR) on an ext4 or XFS, or turn compression off there, and try again");
        }
        return failure("build the file system " + image, output);
    }

    /**
     * Makes a disk that a guest is to write: an image of exactly this size with a folder's content. Without content it is empty, without {@code lost+found} even.
     *
     * @param folder belongs with all that is in it to root of the build namespace; it stays as it is
     * @param image does not exist yet
     * @param uid whom everything belongs to inside, unsigned
     * @param gid the group, unsigned
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE} when the content does not fit, and as {@link #build} does; what is left of
     *     the image is deleted
     */
    public void buildDisk(Path folder, Content content, Path image, long sizeBytes, int uid, int gid) {
        long inodes =
                Math.max(sizeBytes / BYTES_PER_INODE, content.entries() + content.entries() / 4 + RESERVED_INODES);
        List<String> command = Ext4CommandLine.buildDisk(
                tools.path(HostTool.MKE2FS), tools.path(HostTool.DEBUGFS), folder, image, sizeBytes, inodes, uid, gid);
        boolean built = false;
        try {
            HostCommand.Result result = namespace.run(HostCommand.of(BUILD_TIMEOUT, command), line -> {});
            if (result.exitCode() != 0) {
                throw diskFailure(image, sizeBytes, result.output());
            }
            built = true;
        } finally {
            if (!built) {
                AtomicFiles.deleteTree(image);
            }
        }
    }

    private static PyroException diskFailure(Path image, long sizeBytes, String output) {
        if (NO_ROOM_INSIDE.matcher(output).find()) {
            return new PyroException(
                    ErrorCode.SEED_UNUSABLE,
                    "the seed does not fit on a disk of " + (sizeBytes >> 20)
                            + " MiB; ask for a larger disk, or leave something out");
        }
        return failure("build the file system " + image, output);
    }

    /**
     * Returns the command line that makes an image of a folder's content, as large as the content asks for.
     *
     * @param image exists, and is empty
     */
    public static List<String> commandLine(Path mke2fs, Path folder, Content content, Path image) {
        return Ext4CommandLine.build(mke2fs, folder, image, imageBytes(content), inodes(content), Top.usual(1));
    }

    /** Turns what mke2fs or debugfs said into the error that the user sees. */
    public static PyroException failure(String task, String output) {
        if (output.contains(NO_ROOM_OUTSIDE)) {
            return new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot " + task + ": the disk is full; free some room (`pyro env prune` helps) and try again");
        }
        return new PyroException(ErrorCode.HOST_TOOL_FAILED, "cannot " + task + ": " + output.strip());
    }
}
