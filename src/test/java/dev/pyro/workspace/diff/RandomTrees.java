package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Trees and changed copies of them, always the same for the same seed. */
final class RandomTrees {
    private static final List<String> PARTS = List.of(
            "a",
            "b",
            "a.c",
            "a-b",
            "ü",
            "two words",
            "q\"uote",
            "back\\slash",
            "tab\there",
            "new\nline",
            "\uDCFF\uDC80",
            "-x",
            "日本",
            "b ",
            "a b b");
    private static final List<String> WORDS = List.of(
            "",
            "}",
            "one",
            "two",
            "  three",
            "x = 1;\r",
            "ünï",
            "--- a/x",
            "+++ b/x",
            "@@ -1 +1 @@",
            "\\ No newline",
            "-",
            "diff --git a/a b/a",
            "\uFEFFmark",
            "end");
    private static final int MAX_FILES = 12;
    private static final int MAX_LINES = 40;

    private final SplittableRandom random;
    private final boolean withBinaries;

    RandomTrees(long seed, boolean withBinaries) {
        this.random = new SplittableRandom(seed);
        this.withBinaries = withBinaries;
    }

    MemoryTree baseline() {
        MemoryTree tree = new MemoryTree();
        int files = random.nextInt(MAX_FILES);
        for (int i = 0; i < files; i++) {
            addSomething(tree);
        }
        return tree;
    }

    /** Returns a changed copy without directories that are empty, which git does not know. */
    MemoryTree changed(MemoryTree baseline) {
        MemoryTree tree = baseline.copy();
        for (String path : baseline.leaves()) {
            if (!tree.leaves().contains(path)) {
                continue;
            }
            switch (random.nextInt(9)) {
                case 0 -> tree.remove(path);
                case 1 -> {
                    tree.remove(path);
                    addLeaf(tree, path);
                }
                case 2 -> {
                    tree.remove(path);
                    addLeaf(tree, path + "/" + part());
                }
                case 3 -> {
                    String parent = PathNames.parent(path);
                    String target = parent.isEmpty() ? path : parent;
                    tree.remove(target);
                    addLeaf(tree, target);
                }
                case 4, 5, 6 -> edit(tree, path);
                default -> {
                    // It stays as it is.
                }
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            addSomething(tree);
        }
        MemoryTree pruned = new MemoryTree();
        tree.leaves().forEach(path -> copy(tree, pruned, path));
        return pruned;
    }

    private static void copy(MemoryTree from, MemoryTree to, String path) {
        GitBlob blob = from.blob(path);
        if (blob.mode() == GitBlob.SYMLINK) {
            to.link(path, GuestText.decode(blob.content()));
        } else {
            to.file(path, from.mode(path), blob.content());
        }
    }

    private void addSomething(MemoryTree tree) {
        StringBuilder path = new StringBuilder(part());
        for (int depth = random.nextInt(3); depth > 0; depth--) {
            path.append('/').append(part());
        }
        boolean free = !tree.paths().contains(path.toString())
                && PathNames.ancestors(path.toString()).stream()
                        .noneMatch(ancestor -> tree.leaves().contains(ancestor));
        if (free) {
            addLeaf(tree, path.toString());
        }
    }

    private void addLeaf(MemoryTree tree, String path) {
        if (random.nextInt(5) == 0) {
            tree.link(path, random.nextInt(3) == 0 ? "../two\nlines\n" : "to/" + target());
        } else {
            tree.file(path, mode(), content());
        }
    }

    private void edit(MemoryTree tree, String path) {
        GitBlob blob = tree.blob(path);
        if (blob.mode() == GitBlob.SYMLINK) {
            tree.link(path, target());
            return;
        }
        int mode = random.nextInt(4) == 0 ? mode() : tree.mode(path);
        if (random.nextInt(6) == 0) {
            tree.file(path, mode, blob.content());
            return;
        }
        String text = new String(blob.content(), StandardCharsets.ISO_8859_1);
        List<String> lines = new ArrayList<>(List.of(text.split("(?<=\n)", -1)));
        for (int edits = 1 + random.nextInt(3); edits > 0 && !lines.isEmpty(); edits--) {
            int at = random.nextInt(lines.size());
            switch (random.nextInt(3)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(at, latin(line()) + "\n");
                default -> lines.set(at, latin(line()) + "\n");
            }
        }
        String edited = String.join("", lines);
        if (edited.endsWith("\n") && random.nextInt(4) == 0) {
            edited = edited.substring(0, edited.length() - 1);
        }
        tree.file(path, mode, edited.getBytes(StandardCharsets.ISO_8859_1));
    }

    private byte[] content() {
        if (withBinaries && random.nextInt(3) == 0) {
            byte[] bytes = new byte[random.nextInt(1, 40)];
            random.nextBytes(bytes);
            bytes[random.nextInt(bytes.length)] = 0;
            return bytes;
        }
        StringBuilder text = new StringBuilder();
        for (int lines = random.nextInt(MAX_LINES); lines > 0; lines--) {
            text.append(line()).append('\n');
        }
        if (random.nextInt(3) == 0 && !text.isEmpty()) {
            text.setLength(text.length() - 1);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private int mode() {
        return random.nextBoolean() ? 0644 : 0755;
    }

    private String part() {
        return PARTS.get(random.nextInt(PARTS.size()));
    }

    /** A target of any bytes has no text form. */
    private String target() {
        String part = part();
        return withBinaries || part.chars().noneMatch(c -> Character.isSurrogate((char) c)) ? part : "elsewhere";
    }

    private String line() {
        return random.nextInt(3) == 0 ? "line " + random.nextInt(100) : WORDS.get(random.nextInt(WORDS.size()));
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
