package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import dev.pyro.agent.GuestText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A tree of files in memory, which does what a real one would and refuses what a real one would refuse. */
final class MemoryTree implements CurrentFiles {
    private static final int FOLDER_MODE = 0755;

    private final Map<String, Node> nodes = new TreeMap<>(PathNames.BYTE_ORDER);

    private record Node(GuestFileKind kind, int mode, String content) {
        byte[] bytes() {
            return content.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    MemoryTree file(String path, int mode, byte[] content) {
        folders(path);
        nodes.put(path, new Node(GuestFileKind.FILE, mode, new String(content, StandardCharsets.ISO_8859_1)));
        return this;
    }

    MemoryTree file(String path, String content) {
        return file(path, 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    MemoryTree link(String path, String target) {
        folders(path);
        nodes.put(path, new Node(GuestFileKind.SYMLINK, 0777, target));
        return this;
    }

    MemoryTree folder(String path) {
        return folder(path, FOLDER_MODE);
    }

    MemoryTree folder(String path, int mode) {
        folders(path);
        nodes.put(path, new Node(GuestFileKind.DIRECTORY, mode, ""));
        return this;
    }

    MemoryTree fifo(String path) {
        folders(path);
        nodes.put(path, new Node(GuestFileKind.OTHER, 0644, ""));
        return this;
    }

    private void folders(String path) {
        for (String ancestor : PathNames.ancestors(path)) {
            nodes.putIfAbsent(ancestor, new Node(GuestFileKind.DIRECTORY, FOLDER_MODE, ""));
        }
    }

    MemoryTree copy() {
        MemoryTree copy = new MemoryTree();
        copy.nodes.putAll(nodes);
        return copy;
    }

    /** Takes over what another tree has at a path, possibly nothing. */
    void take(String path, MemoryTree other) {
        Node node = other.nodes.get(path);
        if (node == null) {
            nodes.remove(path);
        } else {
            nodes.put(path, node);
        }
    }

    void remove(String path) {
        nodes.keySet().removeIf(known -> known.equals(path) || known.startsWith(path + "/"));
    }

    List<String> paths() {
        return List.copyOf(nodes.keySet());
    }

    List<String> leaves() {
        return nodes.entrySet().stream()
                .filter(node -> node.getValue().kind() != GuestFileKind.DIRECTORY)
                .map(Map.Entry::getKey)
                .toList();
    }

    int mode(String path) {
        return node(path).mode();
    }

    /** Returns files and links as git lists them: mode, id and path. */
    List<String> gitView() {
        List<String> view = new ArrayList<>();
        nodes.forEach((path, node) -> {
            if (TreeComparison.isLeafOfGit(node.kind())) {
                GitBlob blob = blob(path);
                view.add(Integer.toOctalString(blob.mode()) + " " + blob.id() + " "
                        + HexFormat.of().formatHex(GuestText.encode(path)));
            }
        });
        return view;
    }

    GitBlob blob(String path) {
        Node node = node(path);
        return node.kind() == GuestFileKind.SYMLINK
                ? GitBlob.ofLink(node.content())
                : new GitBlob(GitBlob.modeOf(node.mode()), node.bytes());
    }

    /** Returns everything, for a comparison of whole trees. */
    List<String> listing() {
        return nodes.entrySet().stream()
                .map(node -> node.getKey() + " " + node.getValue())
                .toList();
    }

    List<TreeEntry> entries(long modifiedSeconds, long changedNanos) {
        return nodes.entrySet().stream()
                .map(node -> entry(node.getKey(), node.getValue(), modifiedSeconds, changedNanos))
                .toList();
    }

    private static TreeEntry entry(String path, Node node, long modifiedSeconds, long changedNanos) {
        boolean link = node.kind() == GuestFileKind.SYMLINK;
        return new TreeEntry(
                path,
                node.kind(),
                node.mode(),
                node.content().length(),
                modifiedSeconds,
                changedNanos,
                link ? node.content() : "");
    }

    @Override
    public @Nullable TreeEntry entry(String path) {
        String parent = PathNames.parent(path);
        if (!parent.isEmpty() && node(parent).kind() != GuestFileKind.DIRECTORY) {
            throw new IllegalStateException("asked for something below what is no directory: " + path);
        }
        Node node = nodes.get(path);
        return node == null ? null : entry(path, node, 0, 0);
    }

    @Override
    public List<String> children(String directory) {
        return nodes.keySet().stream()
                .filter(path -> PathNames.parent(path).equals(directory))
                .toList();
    }

    @Override
    public byte[] content(String path, int limit) {
        Node node = node(path);
        if (node.kind() != GuestFileKind.FILE) {
            throw new IllegalStateException("no file: " + path);
        }
        return Arrays.copyOf(node.bytes(), Math.min(limit + 1, node.content().length()));
    }

    private Node node(String path) {
        return Objects.requireNonNull(nodes.get(path), path);
    }

    /** Makes changes one after the other; each must be possible when its turn comes. */
    MemoryTree apply(List<FileChange> changes) {
        for (FileChange change : changes) {
            String path = change.path();
            Node old = nodes.get(path);
            switch (change) {
                case FileChange.Delete(String ignored, boolean directory) -> {
                    boolean fits = old != null
                            && (old.kind() == GuestFileKind.DIRECTORY) == directory
                            && children(path).isEmpty();
                    require(fits, change);
                    nodes.remove(path);
                }
                case FileChange.Write(String ignored, int mode, byte[] content) -> {
                    require(old == null || old.kind() == GuestFileKind.FILE, change);
                    requireFolders(change);
                    file(path, mode, content);
                }
                case FileChange.Link(String ignored, String target) -> {
                    require(old == null || old.kind() == GuestFileKind.SYMLINK, change);
                    requireFolders(change);
                    link(path, target);
                }
                case FileChange.Mode(String ignored, int mode) -> {
                    require(old != null && old.kind() == GuestFileKind.FILE, change);
                    nodes.put(
                            path, new Node(GuestFileKind.FILE, mode, node(path).content()));
                }
            }
        }
        return this;
    }

    private void requireFolders(FileChange change) {
        for (String ancestor : PathNames.ancestors(change.path())) {
            Node node = nodes.get(ancestor);
            require(node == null || node.kind() == GuestFileKind.DIRECTORY, change);
        }
    }

    private static void require(boolean condition, FileChange change) {
        if (!condition) {
            throw new IllegalStateException("impossible: " + change);
        }
    }

    /** Compares two trees as if every file's times had changed. */
    static TreeDiff diff(MemoryTree before, MemoryTree after) {
        return TreeDiff.of(suspects(before, after), contents(before, after));
    }

    static List<Suspect> suspects(MemoryTree before, MemoryTree after) {
        return TreeComparison.suspects(before.entries(1, 0), after.entries(2, 2), 1);
    }

    static FileContents contents(MemoryTree before, MemoryTree after) {
        return new FileContents() {
            @Override
            public Optional<byte[]> baseline(String path, int limit) {
                return read(before, path, limit);
            }

            @Override
            public Optional<byte[]> current(String path, int limit) {
                return read(after, path, limit);
            }

            @Override
            public boolean sameContent(String path) {
                return before.node(path).content().equals(after.node(path).content());
            }
        };
    }

    private static Optional<byte[]> read(MemoryTree tree, String path, int limit) {
        byte[] bytes = tree.node(path).bytes();
        return bytes.length > limit ? Optional.empty() : Optional.of(bytes);
    }
}
