package dev.pyro.machine;

import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The files of a machine that does not run, read on the host without it. What a guest wrote is hostile: nothing that reads it has more
 * rights than the files that it reads. Not safe for use by several threads; closing it deletes what was made on the way.
 *
 * <p>Paths are absolute, in the form of the guest protocol's strings (a byte that is no UTF-8 is the lone surrogate U+DC00 plus the
 * byte). Links on the way are followed within the disk, at most 40; {@code /workspace} is the workspace's own volume.
 */
public interface OfflineDisk extends AutoCloseable {
    /**
     * One entry.
     *
     * @param path its absolute path
     * @param type what it is
     * @param mode its permission bits
     * @param sizeBytes its size
     * @param linkTarget where a symbolic link leads; empty for everything else
     */
    record Entry(String path, ArtifactType type, int mode, long sizeBytes, String linkTarget) {}

    /**
     * The beginning of a regular file.
     *
     * @param sizeBytes its whole size
     * @param bytes at most as much as was asked for, read-only
     */
    record Content(long sizeBytes, ByteBuffer bytes) {}

    /**
     * Lists a directory's entries, sorted by path, or a single file itself.
     *
     * @param recursive whether everything below is listed
     * @param maxEntries after which it fails
     * @throws PyroException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#FILE_UNSUITABLE} when there are more entries
     */
    List<Entry> list(String path, boolean recursive, int maxEntries);

    /**
     * Reads a regular file.
     *
     * @throws PyroException {@link ErrorCode#FILE_NOT_FOUND}, {@link ErrorCode#FILE_UNSUITABLE} when it is no regular file
     */
    Content read(String path, long maxBytes);

    /**
     * Reads many regular files at once. The last part of a path is not followed when it is a link; a path is missing in the result
     * when no regular file is there.
     *
     * @param maxBytesEach how much of each file is read at most
     */
    Map<String, Content> readAll(Collection<String> paths, long maxBytesEach);

    /** Returns how many inodes and bytes a volume that was opened alone has in use, as of its last unmount. */
    WorkVolumes.Usage usage();

    /** What an exported image holds. */
    enum Exported {
        /** The root file system with {@code /workspace} in place. */
        WHOLE,
        /** The root file system only: the workspace's files have to be copied into it by a machine that runs. */
        ROOT_ONLY
    }

    /**
     * Writes the machine as one raw sparse ext4 image, checked and without anything to recover.
     *
     * @param image does not exist yet; its folder does
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#STORAGE_UNUSABLE}; no
     *     image is left then
     */
    Exported export(Path image);

    @Override
    void close();
}
