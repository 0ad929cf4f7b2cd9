package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Goes through a tree by paths and symbolic links, never out of it: as the kernel would if the tree's top were its root. The links of the layer that is
 * under way are not followed: where they lead must not depend on the order of its entries. Not safe for use by several threads.
 */
final class LinkWalk {
    private static final int MAX_LINKS = 40;

    /** What looking through links may cost in all; a real image needs some thousands. */
    private static final long MAX_STEPS = 20_000_000;

    private static final int BYTES_A_STEP = 16;

    private final NodeTable nodes;
    private final ThingTable things;
    private long steps;

    LinkWalk(NodeTable nodes, ThingTable things) {
        this.nodes = nodes;
        this.things = things;
    }

    /** Returns the node at the end of a path of folders, and links of lower layers to such, or {@link NodeTable#NONE}. */
    int look(List<byte[]> components, int layer) throws BadArchiveException {
        int node = NodeTable.ROOT;
        for (byte[] component : components) {
            if (!nodes.isFolder(node)) {
                return NodeTable.NONE;
            }
            node = nodes.present(node, component);
            if (node == NodeTable.NONE) {
                return node;
            }
            if (nodes.kind(node) == EntryKind.SYMLINK) {
                node = nodes.isOf(node, layer) ? NodeTable.NONE : follow(node, layer);
                if (node == NodeTable.NONE) {
                    return node;
                }
            }
        }
        return node;
    }

    /** Follows a symbolic link inside the tree, as the kernel would if the tree's top were its root; {@link NodeTable#NONE} when it ends nowhere. */
    int follow(int link, int layer) throws BadArchiveException {
        Deque<byte[]> rest = new ArrayDeque<>();
        int at = unfold(link, rest);
        int links = 1;
        while (!rest.isEmpty()) {
            if (++steps > MAX_STEPS) {
                throw new BadArchiveException("the image leads through its own links too often");
            }
            byte[] component = rest.pop();
            if (component.length == 0 || isDots(component, 1)) {
                continue;
            }
            if (!nodes.isFolder(at)) {
                return NodeTable.NONE;
            }
            if (isDots(component, 2)) {
                at = at == NodeTable.ROOT ? at : nodes.parent(at);
                continue;
            }
            int next =
                    component.length > LayerRules.MAX_COMPONENT_BYTES ? NodeTable.NONE : nodes.present(at, component);
            if (next == NodeTable.NONE) {
                return next;
            }
            if (nodes.kind(next) != EntryKind.SYMLINK) {
                at = next;
            } else if (nodes.isOf(next, layer) || ++links > MAX_LINKS) {
                return NodeTable.NONE;
            } else {
                at = unfold(next, rest);
            }
        }
        return at;
    }

    /** Puts a link's components before those that are left, and returns the folder where they begin. */
    private int unfold(int link, Deque<byte[]> rest) {
        byte[] target = things.target(nodes.content(link));
        steps += target.length / BYTES_A_STEP;
        int end = target.length;
        for (int i = target.length - 1; i >= -1; i--) {
            if (i < 0 || target[i] == '/') {
                rest.push(Arrays.copyOfRange(target, i + 1, end));
                end = i;
            }
        }
        return target[0] == '/' ? NodeTable.ROOT : nodes.parent(link);
    }

    private static boolean isDots(byte[] component, int count) {
        return component.length == count && component[0] == '.' && component[count - 1] == '.';
    }
}
