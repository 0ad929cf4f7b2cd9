package dev.pyro.machine;

import dev.pyro.machine.OfflineDisk.Content;
import dev.pyro.machine.OfflineDisk.Entry;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The files of a machine that does not run as they lie there: what a back end has to know. Paths are absolute and plain: no empty part,
 * no {@code .}, no {@code ..}, and a link on the way is never followed. Not safe for use by several threads.
 */
public interface FileTree extends AutoCloseable {
    /**
     * What lies at a path.
     *
     * @param type what it is
     * @param mode its permission bits
     * @param sizeBytes its size
     * @param linkTarget where a symbolic link leads; empty for everything else
     */
    record Node(ArtifactType type, int mode, long sizeBytes, String linkTarget) {}

    /** Returns what lies at the paths. A path is missing when nothing is there, or what is above it is no directory. */
    Map<String, Node> examine(Collection<String> paths);

    /**
     * Returns what a directory holds, in any order, without the {@code lost+found} that mke2fs made at the top of a root disk.
     *
     * @param directory which has been examined and is one
     * @throws PyroException {@link ErrorCode#FILE_UNSUITABLE} when there is more than the bound
     */
    List<Entry> below(String directory, boolean recursive, int maxEntries);

    /**
     * Reads regular files.
     *
     * @param files which have been examined and are such
     */
    Map<String, Content> read(Collection<String> files, long maxBytesEach);

    /** Does what {@link OfflineDisk#usage} does. */
    WorkVolumes.Usage usage();

    /** Does what {@link OfflineDisk#export} does. */
    OfflineDisk.Exported export(Path image);

    @Override
    void close();
}
