package dev.pyro.workspace.seed;

import dev.pyro.model.PyroException;
import dev.pyro.os.HostPipe;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarFeed;
import dev.pyro.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads a directory by the host's tar, and compares each entry with what was looked at before. Not safe for use by several threads. */
final class DirectoryFeed implements TarFeed {
    private static final int BUFFER = 128 * 1024;

    private final Supplier<PyroException> changed;
    private final Iterator<TarEntry> expected;
    private final Runnable lastLook;
    private final HostPipe tar;
    private final Path list;
    private final TarReader reader;

    DirectoryFeed(
            Supplier<PyroException> changed, Runnable lastLook, List<TarEntry> expected, HostPipe tar, Path list) {
        this.lastLook = lastLook;
        this.changed = changed;
        this.expected = expected.iterator();
        this.tar = tar;
        this.list = list;
        this.reader = new TarReader(new BufferedInputStream(tar.output(), BUFFER));
    }

    @Override
    public @Nullable TarEntry next() throws IOException {
        TarEntry raw;
        try {
            raw = reader.next();
        } catch (EOFException | BadArchiveException e) {
            throw changed.get();
        }
        if (raw == null) {
            if (expected.hasNext() || tar.await() != 0) {
                throw changed.get();
            }
            lastLook.run();
            return null;
        }
        TarEntry entry = raw.withPath(EntryNames.normalise(raw.path()));
        if (!expected.hasNext() || !isAsExpected(entry, expected.next())) {
            throw changed.get();
        }
        if (entry.kind() == EntryKind.HARD_LINK) {
            return entry.withTarget(EntryNames.normalise(entry.target()));
        }
        return entry;
    }

    private static boolean isAsExpected(TarEntry entry, TarEntry expected) {
        boolean hardLink = entry.kind() == EntryKind.HARD_LINK && expected.kind() == EntryKind.FILE;
        boolean same = entry.kind() == expected.kind()
                && entry.size() == expected.size()
                && entry.target().equals(expected.target());
        // A link's mode is whatever the file system says.
        boolean sameMode = entry.mode() == expected.mode() || entry.kind() == EntryKind.SYMLINK;
        return entry.path().equals(expected.path())
                && entry.mtimeSeconds() == expected.mtimeSeconds()
                && sameMode
                && (same || hardLink);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return reader.read(buffer, offset, length);
        } catch (EOFException e) {
            throw changed.get();
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
        Files.deleteIfExists(list);
    }
}
