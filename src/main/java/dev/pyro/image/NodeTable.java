package dev.pyro.image;

import dev.pyro.os.HostEntropy;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The names of a tree: each node is a number, and what is known of it stands in columns, which takes about 30 bytes a node. A node stays where it is
 * when it is gone, and comes back with its name; only when its folder goes is it nobody's. Not safe for use by several threads.
 */
final class NodeTable {
    static final int ROOT = 0;
    static final int NONE = -1;

    /** In place of the folder of a node that nobody can find any more. */
    private static final int NOBODY = -2;

    private static final byte GONE = 0;
    private static final byte NO_LAYER = -1;
    private static final byte FILE = 1;
    private static final byte FOLDER = 2;
    private static final byte LINK = 3;
    private static final byte FIFO = 4;

    private final NameStore names;
    private final int maxNodes;
    // Whoever makes an image cannot know them, and so cannot choose names that all fall on one place.
    private final long seed;
    private final long factor;

    private int count;
    private int[] parents = new int[64];
    private int[] siblings = new int[64];
    private int[] nameAts = new int[64];
    private byte[] nameLengths = new byte[64];
    private byte[] kinds = new byte[64];
    private int[] contents = new int[64];
    private byte[] layers = new byte[64];
    private byte[] entered = new byte[64];
    private byte[] hidden = new byte[64];
    private int[] slots = new int[128];

    NodeTable(NameStore names, int maxNodes) {
        this.names = names;
        this.maxNodes = maxNodes;
        ByteBuffer random = ByteBuffer.wrap(HostEntropy.draw(2 * Long.BYTES));
        this.seed = random.getLong();
        this.factor = random.getLong() | 1;
        parents[ROOT] = NONE;
        siblings[ROOT] = NONE;
        entered[ROOT] = NO_LAYER;
        hidden[ROOT] = NO_LAYER;
        layers[ROOT] = NO_LAYER;
        count = 1;
    }

    /** Returns the node of a name in a folder, also when it is gone, or {@link #NONE}. */
    int find(int folder, byte[] name) {
        for (int slot = slot(folder, name); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
            int node = slots[slot] - 1;
            if (parents[node] == folder
                    && (nameLengths[node] & 0xff) == name.length
                    && names.equals(nameAts[node], name)) {
                return node;
            }
        }
        return NONE;
    }

    /** Returns the node of a name in a folder when it is there, or {@link #NONE}. */
    int present(int folder, byte[] name) {
        int node = find(folder, name);
        return node == NONE || kinds[node] == GONE ? NONE : node;
    }

    /**
     * Makes the node of a name that has none. It is gone until it is set.
     *
     * @param first the first node of the same folder, or {@link #NONE}
     */
    int add(int folder, byte[] name, int first) throws BadArchiveException {
        if (count >= maxNodes) {
            throw new BadArchiveException("the image has more than the " + maxNodes + " names that are allowed");
        }
        if (count == parents.length) {
            grow(Math.min(Columns.grown(count), maxNodes));
        }
        if (count * 4L > slots.length * 3L) {
            rehash();
        }
        int node = count;
        parents[node] = folder;
        siblings[node] = first;
        nameAts[node] = names.put(name);
        nameLengths[node] = (byte) name.length;
        kinds[node] = GONE;
        layers[node] = NO_LAYER;
        entered[node] = NO_LAYER;
        hidden[node] = NO_LAYER;
        count++;
        enter(node, name);
        return node;
    }

    private void enter(int node, byte[] name) {
        int slot = slot(parents[node], name);
        while (slots[slot] != 0) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = node + 1;
    }

    private int slot(int folder, byte[] name) {
        long hash = (seed ^ folder) * factor;
        for (byte one : name) {
            hash = (hash ^ hash >>> 32 ^ one) * factor;
        }
        return (int) (hash ^ hash >>> 32) & slots.length - 1;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        for (int node = 1; node < count; node++) {
            if (parents[node] != NOBODY) {
                enter(node, name(node));
            }
        }
    }

    private void grow(int rows) {
        parents = Columns.grow(parents, rows);
        siblings = Columns.grow(siblings, rows);
        nameAts = Columns.grow(nameAts, rows);
        nameLengths = Columns.grow(nameLengths, rows);
        kinds = Columns.grow(kinds, rows);
        contents = Columns.grow(contents, rows);
        layers = Columns.grow(layers, rows);
        entered = Columns.grow(entered, rows);
        hidden = Columns.grow(hidden, rows);
    }

    /** Makes a node what it is: its kind, where its content is written down, and the layer that says so. */
    void set(int node, EntryKind kind, int content, int layer) {
        kinds[node] = switch (kind) {
            case FILE -> FILE;
            case DIRECTORY -> FOLDER;
            case SYMLINK -> LINK;
            case FIFO -> FIFO;
            case HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE -> throw new IllegalArgumentException("no node: " + kind);
        };
        contents[node] = content;
        layers[node] = (byte) layer;
    }

    /** Lets a node be gone. */
    void remove(int node) {
        kinds[node] = GONE;
    }

    /** Lets a node be gone for ever, as one of a folder that is gone. */
    void drop(int node) {
        kinds[node] = GONE;
        parents[node] = NOBODY;
    }

    /** Returns what a node is, or null when it is gone. */
    @Nullable
    EntryKind kind(int node) {
        return switch (kinds[node]) {
            case FILE -> EntryKind.FILE;
            case FOLDER -> EntryKind.DIRECTORY;
            case LINK -> EntryKind.SYMLINK;
            case FIFO -> EntryKind.FIFO;
            default -> null;
        };
    }

    boolean isFolder(int node) {
        return kinds[node] == FOLDER;
    }

    int content(int node) {
        return contents[node];
    }

    int parent(int node) {
        return parents[node];
    }

    /** Returns the next node of the same folder, or {@link #NONE}. */
    int sibling(int node) {
        return siblings[node];
    }

    byte[] name(int node) {
        return names.get(nameAts[node], nameLengths[node] & 0xff);
    }

    int nameLength(int node) {
        return nameLengths[node] & 0xff;
    }

    /** Tells whether a layer itself has an entry of this name. */
    boolean isOf(int node, int layer) {
        return layers[node] == layer;
    }

    /** Notes that a layer has something in a folder. */
    void markEntered(int folder, int layer) {
        entered[folder] = (byte) layer;
    }

    boolean isEntered(int folder, int layer) {
        return entered[folder] == layer;
    }

    /** Notes that a layer hides what the lower ones have in a folder; returns whether it did before. */
    boolean markHidden(int folder, int layer) {
        boolean before = hidden[folder] == layer;
        hidden[folder] = (byte) layer;
        return before;
    }

    /** Lets a new folder of an old name know nothing of what the old one was. */
    void forget(int node) {
        entered[node] = NO_LAYER;
        hidden[node] = NO_LAYER;
    }
}
