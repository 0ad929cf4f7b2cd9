package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostPipe;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.TarStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tree that a workspace starts with. Immutable; safe for use by several threads and processes.
 *
 * <p>A directory whose files belong to the caller already looks in the build namespace as it has to: everything is root's. It is then used where it
 * lies, and nothing is copied; copying takes as long as building the file system itself, and far longer on a busy disk. Otherwise (files of others,
 * sockets to be left out) and for archives a tree is made in the staging folder: the host's tar unpacks, as root in the build namespace, a stream that
 * this package writes entry by entry from what it has checked.
 */
public final class SeedStaging {
    private static final Duration UNPACK_LIMIT = Duration.ofMinutes(30);
    private static final Duration DELETE_LIMIT = Duration.ofMinutes(10);
    private static final int BUFFER = 128 * 1024;

    private final BuildNamespace namespace;
    private final SeedSources sources;

    public SeedStaging(PyroPaths paths, BuildNamespace namespace) {
        this.namespace = namespace;
        this.sources = new SeedSources(List.of(paths.state(), paths.cache()));
    }

    /**
     * Checks a seed as a whole, and then makes a tree of it.
     *
     * @param seedPath a directory or archive, or null for an empty tree
     * @param staging an existing empty folder of the caller's, who deletes it in the build namespace
     * @param maxBytes the most content
     * @param maxEntries the most entries
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}, {@link ErrorCode#ARCHIVE_REFUSED}, {@link ErrorCode#DISK_FULL}, {@link
     *     ErrorCode#HOST_TOOL_FAILED}; no tree is left then
     */
    public StagedSeed stage(@Nullable Path seedPath, Path staging, long maxBytes, long maxEntries) {
        Path tree = staging.resolve("tree");
        if (seedPath == null) {
            createTree(tree);
            return new StagedSeed(tree, WorkspaceSeed.NONE, 0, List.of(), () -> {});
        }
        TreeSource source = sources.check(seedPath, staging, new SeedBounds(maxBytes, maxEntries));
        if (source instanceof DirectorySource directory && directory.isUsableAsItIs()) {
            return staged(directory.folder(), source, source::requireUnchanged);
        }
        boolean whole = false;
        createTree(tree);
        try {
            unpack(source, seedPath, tree);
            whole = true;
        } finally {
            if (!whole) {
                namespace.deleteTree(tree, DELETE_LIMIT);
            }
        }
        // What was unpacked is ours; the feed has compared the source with it.
        return staged(tree, source, () -> {});
    }

    private static StagedSeed staged(Path tree, TreeSource source, Runnable check) {
        return new StagedSeed(tree, source.summary(), source.diskBytes(), source.entries(), check);
    }

    private static void createTree(Path tree) {
        try {
            Files.createDirectory(tree);
        } catch (IOException e) {
            throw AtomicFiles.failure("create", tree, e);
        }
    }

    private void unpack(TreeSource source, Path seedPath, Path tree) {
        try (InputStream stream = new TarStream(source.open(), true);
                HostPipe tar = new HostPipe(namespace.wrap(HostToolLines.unpackAsIs(tree)), true, UNPACK_LIMIT)) {
            boolean taken = copy(stream, tar.input());
            int exitCode = tar.await();
            if (exitCode != 0 || !taken) {
                ErrorCode code = tar.saysDiskFull() ? ErrorCode.DISK_FULL : ErrorCode.HOST_TOOL_FAILED;
                throw new PyroException(
                        code, "cannot unpack " + seedPath + " to " + tree + ": " + ByteText.printable(tar.errors()));
            }
        } catch (IOException e) {
            throw ArchiveSource.refusal(seedPath, e);
        }
    }

    /** Returns whether the program took everything. */
    static boolean copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new PyroException(ErrorCode.INTERRUPTED, "copying was interrupted");
                }
                try {
                    to.write(buffer, 0, count);
                } catch (IOException e) {
                    return false;
                }
            }
        } finally {
            try {
                to.close();
            } catch (IOException e) {
                // The program has ended; its exit code tells the rest.
                from.close();
            }
        }
        return true;
    }
}
