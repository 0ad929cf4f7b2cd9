package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.TarEntry;
import java.nio.file.Path;
import java.util.List;

/** A tree on the host that a workspace will start with. Immutable. */
public final class StagedSeed {
    private final Path tree;
    private final WorkspaceSeed summary;
    private final long diskBytes;
    private final List<TarEntry> entries;
    private final Runnable check;

    StagedSeed(Path tree, WorkspaceSeed summary, long diskBytes, List<TarEntry> entries, Runnable check) {
        this.tree = tree;
        this.summary = summary;
        this.diskBytes = diskBytes;
        this.entries = entries;
        this.check = check;
    }

    /**
     * Returns the folder that holds everything, to be read and never written: it may be the caller's own directory. Everything in it is root's in the
     * build namespace; what the folder itself is like means nothing.
     */
    public Path tree() {
        return tree;
    }

    /** Returns what there is, for the record. */
    public WorkspaceSeed summary() {
        return summary;
    }

    /** Returns how much of a disk the content takes, holes left out. */
    public long diskBytes() {
        return diskBytes;
    }

    /**
     * Writes the manifest.
     *
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#STORAGE_UNUSABLE}
     * @see SeedManifest
     */
    public void writeManifest(Path file) {
        SeedManifest.write(file, entries, AtomicFiles.Durability.POWER);
    }

    /**
     * Makes sure that what was read from the tree is what the manifest says. To be called when the baseline is made.
     *
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE} when the seed was changed meanwhile
     */
    public void requireUnchanged() {
        check.run();
    }
}
