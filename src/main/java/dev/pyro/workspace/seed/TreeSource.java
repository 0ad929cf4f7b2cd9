package dev.pyro.workspace.seed;

import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarFeed;
import java.io.IOException;
import java.util.List;

/** Files on the host that were looked at and may go into a workspace. */
sealed interface TreeSource permits DirectorySource, ArchiveSource {
    WorkspaceSeed summary();

    /** How much of a disk its content takes. */
    long diskBytes();

    /** Returns what will be there, in the order of a walk, hard links as the files that they are. */
    List<TarEntry> entries();

    /** Opens its content. Whether it is still what was looked at shows at the end at the latest. */
    TarFeed open() throws IOException;

    /**
     * Looks at it again.
     *
     * @throws PyroException when it is not what it was
     */
    void requireUnchanged();
}
