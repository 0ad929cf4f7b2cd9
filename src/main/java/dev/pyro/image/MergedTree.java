package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * What all layers together are: takes their entries one by one, lowest layer first, and holds names, kinds and attributes, but no content. It refuses
 * what leads outside or makes no sense beside the other entries; {@link LayerRules} refused the rest before. Not safe for use by several threads.
 */
final class MergedTree {
    private static final String LOST_AND_FOUND = "lost+found";

    private final UnpackBounds bounds;
    private final NameStore names;
    private final NodeTable nodes;
    private final ThingTable things;
    private final LinkWalk links;
    private final FileTable files = new FileTable();
    private int layer;
    private long entries;
    private long storedBytes;
    private long fileBytes;
    private long greatestUser;
    private long greatestGroup;
    private long newest;

    MergedTree(UnpackBounds bounds) {
        this.bounds = bounds;
        this.names = new NameStore(bounds.nameBytes());
        this.nodes = new NodeTable(names, bounds.entries());
        this.things = new ThingTable(names);
        this.links = new LinkWalk(nodes, things);
        nodes.set(NodeTable.ROOT, EntryKind.DIRECTORY, things.addFolder(), -1);
    }

    /** Goes on to the next layer. */
    void beginLayer(int number) {
        layer = number;
    }

    /**
     * Takes the next entry of the layer.
     *
     * @param place how many entries the layer has before it
     * @throws BadArchiveException when it is refused; the tree is of no use then
     */
    void apply(int place, LayerEntry one) throws BadArchiveException {
        if (++entries > bounds.entries()) {
            throw new BadArchiveException(
                    "the image has more than the " + bounds.entries() + " entries that are allowed");
        }
        LayerName name = one.name();
        switch (name.role()) {
            case DROPPED -> {}
            case OPAQUE -> {
                int folder = links.look(name.components(), layer);
                if (folder != NodeTable.NONE && nodes.isFolder(folder)) {
                    hideBelow(folder);
                }
            }
            case WHITEOUT, DEVICE -> {
                int folder = links.look(name.folder(), layer);
                int node = folder == NodeTable.NONE ? NodeTable.NONE : nodes.present(folder, name.last());
                if (node != NodeTable.NONE && name.role() == LayerName.Role.WHITEOUT) {
                    hide(node);
                } else if (node != NodeTable.NONE) {
                    remove(node);
                }
            }
            case ENTRY -> put(place, one.entry(), name);
        }
    }

    private void put(int place, TarEntry entry, LayerName name) throws BadArchiveException {
        if (name.components().isEmpty()) {
            if (entry.kind() != EntryKind.DIRECTORY) {
                throw new BadArchiveException(entry.path(), "has the name of the top folder and is none");
            }
            note(entry);
            things.describe(nodes.content(NodeTable.ROOT), entry);
            return;
        }
        int target = entry.kind() == EntryKind.HARD_LINK ? linkTarget(entry) : NodeTable.NONE;
        int folder = NodeTable.ROOT;
        for (byte[] component : name.folder()) {
            folder = enter(folder, component, entry);
        }
        nodes.markEntered(folder, layer);
        int node = nodes.find(folder, name.last());
        if (node == NodeTable.NONE) {
            node = add(folder, name.last(), entry);
        }
        note(entry);
        set(node, place, entry, target);
    }

    private void set(int node, int place, TarEntry entry, int target) throws BadArchiveException {
        switch (entry.kind()) {
            case DIRECTORY -> {
                if (nodes.isFolder(node)) {
                    things.describe(nodes.content(node), entry);
                    nodes.set(node, EntryKind.DIRECTORY, nodes.content(node), layer);
                } else {
                    vanish(node);
                    nodes.forget(node);
                    nodes.set(node, EntryKind.DIRECTORY, things.add(entry), layer);
                }
            }
            case FILE -> {
                if (entry.storedBytes() > bounds.bytes() - storedBytes) {
                    throw bounds.tooLarge();
                }
                if (entry.size() > bounds.fileBytes() - fileBytes) {
                    throw bounds.filesTooLarge();
                }
                storedBytes += entry.storedBytes();
                fileBytes += entry.size();
                remove(node);
                nodes.set(node, EntryKind.FILE, files.add(layer, place, entry), layer);
            }
            case HARD_LINK -> {
                EntryKind kind = Objects.requireNonNull(nodes.kind(target));
                int content = nodes.content(target);
                if (kind != EntryKind.FILE) {
                    content = things.copy(content);
                }
                remove(node);
                nodes.set(node, kind, content, layer);
            }
            case SYMLINK, FIFO -> {
                remove(node);
                nodes.set(node, entry.kind(), things.add(entry), layer);
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE -> throw new IllegalStateException("it was refused before");
        }
    }

    private void note(TarEntry entry) {
        if (entry.kind() != EntryKind.HARD_LINK) {
            greatestUser = Math.max(greatestUser, entry.uid());
            greatestGroup = Math.max(greatestGroup, entry.gid());
            newest = Math.max(newest, entry.mtimeSeconds());
        }
    }

    private int add(int folder, byte[] name, TarEntry entry) throws BadArchiveException {
        // By links of lower layers a name can lie deeper than it says.
        int levels = 1;
        int length = name.length;
        for (int above = folder; above != NodeTable.ROOT; above = nodes.parent(above)) {
            levels++;
            length += nodes.nameLength(above) + 1;
        }
        if (levels > LayerRules.MAX_LEVELS || length > LayerRules.MAX_PATH_BYTES) {
            throw new BadArchiveException(entry.path(), "lies too deep");
        }
        int content = nodes.content(folder);
        int node = nodes.add(folder, name, things.firstChild(content));
        things.setFirstChild(content, node);
        return node;
    }

    /** Goes into a folder, or into the one that a link of a lower layer leads to, or makes it. */
    private int enter(int folder, byte[] name, TarEntry entry) throws BadArchiveException {
        nodes.markEntered(folder, layer);
        int node = nodes.find(folder, name);
        if (node == NodeTable.NONE) {
            node = add(folder, name, entry);
        }
        return switch (nodes.kind(node)) {
            case null -> {
                nodes.forget(node);
                nodes.set(node, EntryKind.DIRECTORY, things.addFolder(), layer);
                yield node;
            }
            case DIRECTORY -> node;
            case SYMLINK -> enterLink(node, entry);
            default -> throw new BadArchiveException(entry.path(), "lies below the file `" + shown(node) + "`");
        };
    }

    private int enterLink(int link, TarEntry entry) throws BadArchiveException {
        if (nodes.isOf(link, layer)) {
            throw new BadArchiveException(
                    entry.path(), "leads through the link `" + shown(link) + "` of the same layer");
        }
        int end = links.follow(link, layer);
        if (end == NodeTable.NONE || !nodes.isFolder(end)) {
            throw new BadArchiveException(
                    entry.path(),
                    "leads through the link `" + shown(link) + "`, which leads to no folder of the image");
        }
        // What the layer has there it also has in each folder above: a whiteout of one of those must not hide it.
        for (int above = end; above != NodeTable.ROOT; above = nodes.parent(above)) {
            nodes.markEntered(above, layer);
        }
        return end;
    }

    private String shown(int node) {
        return ByteText.printable(path(node));
    }

    private int linkTarget(TarEntry entry) throws BadArchiveException {
        List<byte[]> components = LayerRules.linkTarget(entry);
        int folder = links.look(components.subList(0, components.size() - 1), layer);
        int node = folder == NodeTable.NONE ? NodeTable.NONE : nodes.present(folder, components.getLast());
        if (node == NodeTable.NONE || nodes.isFolder(node)) {
            throw new BadArchiveException(
                    entry.path(),
                    "is a hard link to `" + ByteText.printable(entry.target()) + "`, which is "
                            + (node == NodeTable.NONE ? "nothing by then" : "a folder"));
        }
        return node;
    }

    /** Removes a node and all below it, whichever layer they are of. */
    private void remove(int node) {
        if (nodes.isFolder(node)) {
            int content = nodes.content(node);
            for (int child = things.firstChild(content); child != NodeTable.NONE; child = nodes.sibling(child)) {
                remove(child);
                nodes.drop(child);
            }
        }
        vanish(node);
    }

    private void vanish(int node) {
        EntryKind kind = nodes.kind(node);
        if (kind != null && kind != EntryKind.FILE) {
            things.free(nodes.content(node));
        }
        nodes.remove(node);
    }

    /** Removes what lower layers have of a node. */
    private void hide(int node) {
        boolean own = nodes.isOf(node, layer);
        if (!nodes.isFolder(node)) {
            if (!own) {
                vanish(node);
            }
        } else if (own || nodes.isEntered(node, layer)) {
            if (!own) {
                // The layer has something in it, and so it is there, but nobody says any more what it is like.
                things.reset(nodes.content(node));
            }
            hideBelow(node);
        } else {
            remove(node);
        }
    }

    private void hideBelow(int folder) {
        if (nodes.markHidden(folder, layer)) {
            return;
        }
        for (int child = things.firstChild(nodes.content(folder));
                child != NodeTable.NONE;
                child = nodes.sibling(child)) {
            if (nodes.kind(child) != null) {
                hide(child);
            }
        }
    }

    /** Returns a node's path, raw; empty for the top. */
    String path(int node) {
        Deque<byte[]> components = new ArrayDeque<>();
        int length = 0;
        for (int at = node; at != NodeTable.ROOT; at = nodes.parent(at)) {
            byte[] name = nodes.name(at);
            components.push(name);
            length += name.length + 1;
        }
        StringBuilder path = new StringBuilder(length);
        for (byte[] name : components) {
            path.append(path.isEmpty() ? "" : "/").append(new String(name, StandardCharsets.ISO_8859_1));
        }
        return path.toString();
    }

    /** Hears of each node that is there. */
    @FunctionalInterface
    interface Visitor {
        void visit(int node, EntryKind kind) throws IOException;
    }

    /** Visits everything but the top, folders before what is in them; the top's {@code lost+found} is the file system's own and left out. */
    void walk(Visitor visitor) throws IOException {
        byte[] leftOut = LOST_AND_FOUND.getBytes(StandardCharsets.ISO_8859_1);
        walk(NodeTable.ROOT, nodes.find(NodeTable.ROOT, leftOut), visitor);
    }

    /**
     * Refuses folders that would take the maker of file systems too long, or more subfolders than a folder of ext4 can count.
     *
     * @param mostNames how many names may be in one folder
     * @throws BadArchiveException naming the folder
     */
    void requireModestFolders(int mostNames) throws BadArchiveException {
        requireModest(NodeTable.ROOT, mostNames);
    }

    private void requireModest(int folder, int mostNames) throws BadArchiveException {
        int count = 0;
        for (int child = things.firstChild(nodes.content(folder));
                child != NodeTable.NONE;
                child = nodes.sibling(child)) {
            EntryKind kind = nodes.kind(child);
            count += kind == null ? 0 : 1;
            if (count > mostNames) {
                throw new BadArchiveException("the folder `" + shown(folder) + "` holds more than the " + mostNames
                        + " names that are allowed in one");
            }
            if (kind == EntryKind.DIRECTORY) {
                requireModest(child, mostNames);
            }
        }
    }

    private void walk(int folder, int leftOut, Visitor visitor) throws IOException {
        for (int child = things.firstChild(nodes.content(folder));
                child != NodeTable.NONE;
                child = nodes.sibling(child)) {
            EntryKind kind = nodes.kind(child);
            if (kind == null || child == leftOut) {
                continue;
            }
            visitor.visit(child, kind);
            if (kind == EntryKind.DIRECTORY) {
                walk(child, leftOut, visitor);
            }
        }
    }

    /** Returns the entry that makes a node that is no file. */
    TarEntry entry(int node, EntryKind kind, String path) {
        return things.entry(nodes.content(node), kind, path);
    }

    /** Returns the number of the file that a node is a name of. */
    int file(int node) {
        return nodes.content(node);
    }

    FileTable files() {
        return files;
    }

    /** Returns the number of the file at a path, through links wherever they are, or {@link NodeTable#NONE}. */
    int fileAt(String path) throws BadArchiveException {
        List<byte[]> components = Arrays.stream(path.split("/"))
                .map(one -> one.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        // No layer is under way any more, whose links would not be followed.
        int node = links.look(components, NodeTable.NONE);
        return node != NodeTable.NONE && nodes.kind(node) == EntryKind.FILE ? nodes.content(node) : NodeTable.NONE;
    }

    long greatestUser() {
        return greatestUser;
    }

    long greatestGroup() {
        return greatestGroup;
    }

    /** Returns the time of the newest entry, in seconds, not before 1970. */
    long newest() {
        return newest;
    }
}
