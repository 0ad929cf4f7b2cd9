package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.SeedMode;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.os.FileStatus;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarFeed;
import dev.pyro.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipException;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** A tar archive that was checked as a whole. Immutable, but only one {@link #open} feed may be in use at a time. */
final class ArchiveSource implements TreeSource {
    private static final int BUFFER = 128 * 1024;

    private final Path file;
    private final String stamp;
    private final ArchivePlan plan;

    private ArchiveSource(Path file, String stamp, ArchivePlan plan) {
        this.file = file;
        this.stamp = stamp;
        this.plan = plan;
    }

    /** Tells whether a file's name is one of an archive. */
    static boolean hasArchiveName(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".tar") || isCompressed(name);
    }

    private static boolean isCompressed(String name) {
        return name.endsWith(".tar.gz") || name.endsWith(".tgz");
    }

    /**
     * Reads and checks an archive.
     *
     * @throws PyroException {@link ErrorCode#ARCHIVE_REFUSED}, or {@link ErrorCode#SEED_UNUSABLE} when it cannot be read
     */
    static ArchiveSource check(Path file, SeedBounds bounds) {
        ArchivePlan plan = new ArchivePlan(bounds);
        try (InputStream in = openFile(file)) {
            String stamp = FileStatus.of(file).stamp();
            plan.readAll(new TarReader(in));
            return new ArchiveSource(file, stamp, plan);
        } catch (IOException e) {
            throw refusal(file, e);
        }
    }

    /** Turns what went wrong with an archive into the error that the user sees. */
    static PyroException refusal(Path file, IOException e) {
        return switch (e) {
            case ClosedByInterruptException interrupted ->
                new PyroException(ErrorCode.INTERRUPTED, "reading the archive " + file + " was interrupted", e);
            case BadArchiveException bad -> refused(file, String.valueOf(bad.getMessage()), e);
            case EOFException eof -> refused(file, "it is truncated", e);
            case ZipException zip -> refused(file, "its compressed data are damaged", e);
            default -> {
                String message = String.valueOf(e.getMessage());
                // Commons Compress has no exception of its own for any of these.
                if (message.contains(".gz") || message.contains("Gzip") || message.contains("gzip")) {
                    yield refused(file, "its compressed data are damaged (" + message + ")", e);
                }
                yield new PyroException(
                        ErrorCode.SEED_UNUSABLE,
                        "cannot read the archive " + file + ": " + DirectorySource.reason(e),
                        e);
            }
        };
    }

    private static PyroException refused(Path file, String what, IOException cause) {
        return new PyroException(
                ErrorCode.ARCHIVE_REFUSED,
                "the archive " + file + " is refused: " + what + "; nothing was written",
                cause);
    }

    private static InputStream openFile(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        InputStream raw = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
        if (!isCompressed(String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT))) {
            return raw;
        }
        try {
            return new BufferedInputStream(
                    GzipCompressorInputStream.builder()
                            .setInputStream(raw)
                            .setDecompressConcatenated(true)
                            .setBufferSize(BUFFER)
                            .get(),
                    BUFFER);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public WorkspaceSeed summary() {
        return new WorkspaceSeed(SeedMode.TAR_ARCHIVE, file.toString(), plan.entries(), plan.bytes(), List.of(), 0);
    }

    @Override
    public long diskBytes() {
        return plan.diskBytes();
    }

    @Override
    public List<TarEntry> entries() {
        List<TarEntry> entries = new ArrayList<>((int) plan.entries());
        plan.items().forEach((path, item) -> {
            if (item.kind == EntryKind.HARD_LINK) {
                entries.add(plan.known(item.target).entry(path, null));
            } else {
                entries.add(item.entry(path, null));
            }
        });
        entries.sort((a, b) -> EntryNames.compare(a.path(), b.path()));
        return entries;
    }

    @Override
    public TarFeed open() throws IOException {
        InputStream in = openFile(file);
        return new ArchiveFeed(plan, new TarReader(in), in, this::requireUnchanged);
    }

    @Override
    public void requireUnchanged() {
        try {
            if (FileStatus.of(file).stamp().equals(stamp)) {
                return;
            }
        } catch (IOException e) {
            throw refusal(file, e);
        }
        throw new PyroException(
                ErrorCode.SEED_UNUSABLE,
                "the archive " + file + " was changed while it was read; try again when nothing writes to it");
    }
}
