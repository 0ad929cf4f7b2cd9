package dev.pyro.workspace.seed;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarFeed;
import dev.pyro.tar.TarReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive for the second time and gives out what the plan says: each path once, its folders before it. An entry that is not as the plan has it
 * ends it: the archive has changed. Not safe for use by several threads.
 */
final class ArchiveFeed implements TarFeed {
    private final ArchivePlan plan;
    private final TarReader reader;
    private final AutoCloseable source;
    private final Runnable lastLook;
    private final Deque<TarEntry> waiting = new ArrayDeque<>();
    private long place = -1;
    private long given;

    ArchiveFeed(ArchivePlan plan, TarReader reader, AutoCloseable source, Runnable lastLook) {
        this.lastLook = lastLook;
        this.plan = plan;
        this.reader = reader;
        this.source = source;
        plan.items().values().forEach(item -> item.given = false);
    }

    @Override
    public @Nullable TarEntry next() throws IOException {
        while (waiting.isEmpty()) {
            TarEntry raw = reader.next();
            if (raw == null) {
                if (given != plan.entries()) {
                    throw changed();
                }
                lastLook.run();
                return null;
            }
            place++;
            String path = EntryNames.normalise(raw.path());
            if (!path.isEmpty()) {
                offer(raw.withPath(path));
            }
        }
        return waiting.poll();
    }

    private void offer(TarEntry entry) throws IOException {
        ArchivePlan.Item item = plan.item(entry.path());
        if (item == null || item.kind != entry.kind()) {
            throw changed();
        }
        boolean directory = item.kind == EntryKind.DIRECTORY;
        if (!directory && item.place != place) {
            return;
        }
        if (item.place == place && !isAsPlanned(item, entry)) {
            throw changed();
        }
        for (int at = entry.path().indexOf('/'); at >= 0; at = entry.path().indexOf('/', at + 1)) {
            give(entry.path().substring(0, at), null);
        }
        give(entry.path(), entry.sparse());
    }

    private static boolean isAsPlanned(ArchivePlan.Item item, TarEntry entry) throws BadArchiveException {
        boolean sameTarget = entry.kind() == EntryKind.HARD_LINK || item.target.equals(entry.target());
        return item.mode == entry.mode()
                && item.size == entry.size()
                && item.mtimeSeconds == entry.mtimeSeconds()
                && sameTarget;
    }

    private void give(String path, @Nullable SparseMap sparse) {
        ArchivePlan.Item item = plan.known(path);
        if (!item.given) {
            item.given = true;
            given++;
            waiting.add(item.entry(path, sparse));
        }
    }

    private static IOException changed() {
        return new BadArchiveException("it was changed while it was read; try again when nothing writes to it");
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return reader.read(buffer, offset, length);
    }

    @Override
    public void close() throws IOException {
        try {
            source.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
