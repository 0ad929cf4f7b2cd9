package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What is known of everything but files: folders, symbolic links and FIFOs, which are all there is to them. Not safe for use by several threads. */
final class ThingTable {
    static final int FOLDER_MODE = 0755;

    /** What an attribute takes in memory beside its bytes. */
    static final int XATTR_OVERHEAD = 160;

    private static final int NONE = -1;

    private final NameStore names;
    private final Map<Integer, Map<String, byte[]>> xattrs = new HashMap<>();
    private int count;
    private int free = NONE;
    private short[] modes = new short[64];
    private int[] uids = new int[64];
    private int[] gids = new int[64];
    private int[] times = new int[64];
    private int[] texts = new int[64];
    private int[] children = new int[64];

    ThingTable(NameStore names) {
        this.names = names;
    }

    /** Makes a folder that no entry describes. */
    int addFolder() {
        int thing = add();
        reset(thing);
        return thing;
    }

    /** Makes what an entry describes. */
    int add(TarEntry entry) throws BadArchiveException {
        int thing = add();
        describe(thing, entry);
        if (entry.kind() == EntryKind.SYMLINK) {
            texts[thing] = names.putText(entry.target().getBytes(StandardCharsets.ISO_8859_1));
        }
        return thing;
    }

    /** Makes another one that is the same. */
    int copy(int thing) {
        int copy = add();
        modes[copy] = modes[thing];
        uids[copy] = uids[thing];
        gids[copy] = gids[thing];
        times[copy] = times[thing];
        texts[copy] = texts[thing];
        return copy;
    }

    /** Lets the room of a thing be used again. */
    void free(int thing) {
        xattrs.remove(thing);
        children[thing] = free;
        free = thing;
    }

    private int add() {
        int thing = free;
        if (thing == NONE) {
            thing = addRow();
        } else {
            free = children[thing];
        }
        texts[thing] = NONE;
        children[thing] = NONE;
        return thing;
    }

    private int addRow() {
        if (count == modes.length) {
            int rows = Columns.grown(count);
            modes = Columns.grow(modes, rows);
            uids = Columns.grow(uids, rows);
            gids = Columns.grow(gids, rows);
            times = Columns.grow(times, rows);
            texts = Columns.grow(texts, rows);
            children = Columns.grow(children, rows);
        }
        return count++;
    }

    /** Gives a thing the attributes of an entry. */
    void describe(int thing, TarEntry entry) throws BadArchiveException {
        modes[thing] = (short) entry.mode();
        uids[thing] = (int) entry.uid();
        gids[thing] = (int) entry.gid();
        times[thing] = (int) entry.mtimeSeconds();
        Map<String, byte[]> kept = entry.xattrs();
        if (kept.isEmpty()) {
            xattrs.remove(thing);
            return;
        }
        for (Map.Entry<String, byte[]> one : kept.entrySet()) {
            names.count(one.getKey().length() + one.getValue().length + XATTR_OVERHEAD);
        }
        xattrs.put(thing, kept);
    }

    /** Gives a folder the attributes of one that no entry describes. */
    void reset(int thing) {
        modes[thing] = FOLDER_MODE;
        uids[thing] = 0;
        gids[thing] = 0;
        times[thing] = 0;
        xattrs.remove(thing);
    }

    /** Returns the entry that makes it. */
    TarEntry entry(int thing, EntryKind kind, String path) {
        String target = texts[thing] == NONE ? "" : new String(target(thing), StandardCharsets.ISO_8859_1);
        return new TarEntry(
                path,
                kind,
                modes[thing],
                Integer.toUnsignedLong(uids[thing]),
                Integer.toUnsignedLong(gids[thing]),
                0,
                times[thing],
                target,
                xattrs.getOrDefault(thing, Map.of()),
                null,
                null);
    }

    byte[] target(int thing) {
        return names.text(texts[thing]);
    }

    /** Returns the first node in a folder, or {@link NodeTable#NONE}. */
    int firstChild(int thing) {
        return children[thing];
    }

    void setFirstChild(int thing, int node) {
        children[thing] = node;
    }
}
