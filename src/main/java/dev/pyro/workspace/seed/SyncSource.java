package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.TarStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of the host, checked as a whole, as a tar stream for the guest's agent. The stream is of the one form that {@link TarStream} writes: everything
 * is root's, holes are filled with zeros, and there is no entry for the top folder itself. Not safe for use by several threads.
 */
public final class SyncSource implements AutoCloseable {
    private final TreeSource source;
    private final Path path;
    private final Path scratch;

    private SyncSource(TreeSource source, Path path, Path scratch) {
        this.source = source;
        this.path = path;
        this.scratch = scratch;
    }

    /**
     * Checks a directory or an archive; nothing is sent yet.
     *
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}, {@link ErrorCode#ARCHIVE_REFUSED}
     */
    public static SyncSource check(PyroPaths paths, Path path, long maxBytes, long maxEntries) {
        SeedBounds bounds = new SeedBounds(maxBytes, maxEntries);
        Path scratch = AtomicFiles.createStaging(paths.staging(), "sync");
        try {
            TreeSource source = new SeedSources(List.of(paths.state(), paths.cache())).check(path, scratch, bounds);
            if (source.summary().bytesWritten() > maxBytes) {
                throw new PyroException(
                        ErrorCode.SEED_UNUSABLE,
                        path + " holds " + source.summary().bytesWritten() + " bytes, of which " + maxBytes
                                + " are allowed; choose a smaller directory; nothing was written");
            }
            return new SyncSource(source, path, scratch);
        } catch (RuntimeException e) {
            AtomicFiles.deleteTree(scratch);
            throw e;
        }
    }

    /** Returns what there is, for the record. */
    public WorkspaceSeed summary() {
        return source.summary();
    }

    /** Returns how many entries the stream has. */
    public long entries() {
        return source.summary().entryCount();
    }

    /** Returns how many bytes of content the stream has, headers not counted. */
    public long bytes() {
        return source.summary().bytesWritten();
    }

    /**
     * Opens the stream; only one may be open at a time. When what it reads is no longer what was checked, a read throws, at the latest the one that
     * would have returned the end.
     *
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}, {@link ErrorCode#ARCHIVE_REFUSED}; so do the stream's reads
     */
    public InputStream open() {
        try {
            return new CheckedStream(new TarStream(source.open(), false));
        } catch (IOException e) {
            throw ArchiveSource.refusal(path, e);
        }
    }

    @Override
    public void close() {
        AtomicFiles.deleteTree(scratch);
    }

    /** Says in our own words what is wrong with the source. */
    private final class CheckedStream extends InputStream {
        private final InputStream in;

        CheckedStream(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException e) {
                throw ArchiveSource.refusal(path, e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
