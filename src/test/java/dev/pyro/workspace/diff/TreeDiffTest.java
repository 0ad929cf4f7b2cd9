package dev.pyro.workspace.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TreeDiffTest {
    @Test
    void writesWhatGitWrites() {
        MemoryTree before = new MemoryTree()
                .file("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")
                .file("gone", "x")
                .file("run", "#!/bin/sh\n");
        MemoryTree after = before.copy();
        after.file("a.txt", "1\n2\n3\n4\nfive\r\n6\n7\n8\n9\nten");
        after.remove("gone");
        after.file("run", 0755, "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
        after.file("a dir/é", "");
        assertThat(MemoryTree.diff(before, after).patch()).isEqualTo("""
                        diff --git "a/a dir/\\303\\251" "b/a dir/\\303\\251"
                        new file mode 100644
                        index 0000000000000000000000000000000000000000..e69de29bb2d1d6434b8b29ae775ad8c2e48c5391
                        diff --git a/a.txt b/a.txt
                        index 0719398930d7f5b9b1f2d2f53ebcfed7a3829f58..@ 100644
                        --- a/a.txt
                        +++ b/a.txt
                        @@ -2,8 +2,9 @@
                         2
                         3
                         4
                        -5
                        +five\r
                         6
                         7
                         8
                         9
                        +ten
                        \\ No newline at end of file
                        diff --git a/gone b/gone
                        deleted file mode 100644
                        index c1b0730e0133d1e1a6f2a1c7de4e2ac5ab0d4cbd..0000000000000000000000000000000000000000
                        --- a/gone
                        +++ /dev/null
                        @@ -1 +0,0 @@
                        -x
                        \\ No newline at end of file
                        diff --git a/run b/run
                        old mode 100644
                        new mode 100755
                        """.replace(
                        "0719398930d7f5b9b1f2d2f53ebcfed7a3829f58",
                        before.blob("a.txt").id())
                .replace(
                        "c1b0730e0133d1e1a6f2a1c7de4e2ac5ab0d4cbd",
                        before.blob("gone").id())
                .replace("@ 100644", after.blob("a.txt").id() + " 100644"));
    }

    @Test
    void aFileWithItsOldContentAndModeIsNoChange() {
        MemoryTree tree = new MemoryTree().file("f", "same\n").link("l", "f").folder("d");
        TreeDiff diff = MemoryTree.diff(tree, tree.copy());
        assertThat(diff.changed()).isFalse();
        assertThat(diff.patch()).isEmpty();
    }

    @Test
    void listsWhatHasNoTextForm() {
        MemoryTree before = new MemoryTree()
                .file("binary", "a\0b")
                .file("was text", "text\n")
                .file("mode", "text\n")
                .folder("closed", 0755)
                .folder("old/empty");
        MemoryTree after = new MemoryTree()
                .file("binary", "a\0c")
                .file("was text", 0644, new byte[] {(byte) 0xC3, '\n'})
                .file("mode", 0600, "text\n".getBytes(StandardCharsets.UTF_8))
                .folder("closed", 0700)
                .folder("new")
                .fifo("pipe")
                .link("odd", "\uDCFF");
        TreeDiff diff = MemoryTree.diff(before, after);
        assertThat(diff.patch()).isEmpty();
        assertThat(lines(diff))
                .containsExactly(
                        "modified FILE binary -",
                        "modified DIRECTORY closed -",
                        "modified FILE mode -",
                        "added DIRECTORY new -",
                        "added SYMLINK odd -",
                        "deleted DIRECTORY old -",
                        "deleted DIRECTORY old/empty -",
                        "added OTHER pipe -",
                        "modified FILE was text -");
        assertThat(diff.summary()).isEqualTo(new DiffSummary(9, 3, 4, 2, 0, 0, 9));
    }

    @Test
    void largeFilesAreComparedByDigestAndListed() {
        byte[] large = new byte[TreeDiff.MAX_TEXT_BYTES + 1];
        byte[] other = large.clone();
        other[7] = 1;
        MemoryTree before = new MemoryTree()
                .file("same", 0644, large)
                .file("other", 0644, large)
                .file("exec", 0644, large);
        MemoryTree after = new MemoryTree()
                .file("same", 0644, large)
                .file("other", 0644, other)
                .file("exec", 0755, large);
        TreeDiff diff = MemoryTree.diff(before, after);
        assertThat(lines(diff)).containsExactly("modified FILE exec +", "modified FILE other -");
        assertThat(diff.patch()).isEqualTo("diff --git a/exec b/exec\nold mode 100644\nnew mode 100755\n");
    }

    @Test
    void changesOfKindAreDeletionAndNewFile() {
        MemoryTree before = new MemoryTree()
                .file("a", "x\n")
                .link("b", "t")
                .file("c/d", "y\n")
                .file("e", "z\0");
        MemoryTree after = new MemoryTree()
                .link("a", "t")
                .file("b/in", "y\n")
                .file("c", "x\n")
                .link("e", "t");
        TreeDiff diff = MemoryTree.diff(before, after);
        assertThat(lines(diff))
                .containsExactly(
                        "type_changed SYMLINK a +",
                        "type_changed DIRECTORY b +",
                        "added FILE b/in +",
                        "type_changed FILE c +",
                        "deleted FILE c/d +",
                        "type_changed SYMLINK e -");
        assertThat(diff.summary()).isEqualTo(new DiffSummary(6, 1, 0, 1, 4, 5, 1));
    }

    @Test
    void leavesOutWhatGitCouldNotApply() {
        MemoryTree before = new MemoryTree()
                .file("binary becomes folder", "\0")
                .file("folder/binary", "\0")
                .folder("empty/in");
        MemoryTree after = new MemoryTree()
                .file("binary becomes folder/text", "x\n")
                .file("folder", "x\n")
                .file("empty", "x\n")
                .file(".git/config", "x\n")
                .file("a/.GIT", "x\n")
                .file("git~1", "x\n")
                .file(".gitignore", "x\n")
                .link("sub/.gitmodules", "x");
        TreeDiff diff = MemoryTree.diff(before, after);
        assertThat(diff.entries().stream().filter(DiffEntry::textPatch).map(DiffEntry::path))
                .containsExactly(".gitignore");
    }

    @Test
    void aFullPatchListsTheRest() {
        MemoryTree before = new MemoryTree();
        MemoryTree after = new MemoryTree().file("a", "1\n").file("b", "2\n").file("c", "3\n");
        int one = MemoryTree.diff(before, new MemoryTree().file("a", "1\n"))
                .patch()
                .length();
        TreeDiff diff =
                TreeDiff.of(MemoryTree.suspects(before, after), MemoryTree.contents(before, after), one * 2 - 1);
        assertThat(lines(diff)).containsExactly("added FILE a +", "added FILE b -", "added FILE c -");
        assertThat(diff.patch()).hasSize(one);
    }

    @Test
    void aFileThatIsGoneWhenItIsReadIsListed() {
        MemoryTree before = new MemoryTree().file("f", "1\n");
        MemoryTree after = new MemoryTree().file("f", "2\n").file("g", "3\n");
        FileContents nothing = new FileContents() {
            @Override
            public Optional<byte[]> baseline(String path, int limit) {
                return Optional.empty();
            }

            @Override
            public Optional<byte[]> current(String path, int limit) {
                return Optional.empty();
            }

            @Override
            public boolean sameContent(String path) {
                throw new IllegalStateException("small files are read");
            }
        };
        assertThat(lines(TreeDiff.of(MemoryTree.suspects(before, after), nothing)))
                .containsExactly("modified FILE f -", "added FILE g -");
    }

    @Test
    @Timeout(60)
    void textsMadeToBeSlowAreDiffedInBoundedTime() {
        // Lines that are all frequent; lines that are all unique with others between; the same with few fixed points.
        checkLarge(i -> i % 7 * i % 5 + "\n", i -> i % 5 * i % 3 + "\n");
        checkLarge(i -> "u" + i + "\n", i -> "u" + i + "\nv" + i + "\n");
        checkLarge(
                i -> i % 1300 == 0 ? "A" + i + "\n" : "u" + i % 1300 + "\n",
                i -> i % 1300 == 0 ? "A" + i + "\n" : "u" + i % 1300 + "\nv\n");
    }

    private static void checkLarge(IntFunction<String> left, IntFunction<String> right) {
        StringBuilder old = new StringBuilder();
        StringBuilder now = new StringBuilder();
        for (int i = 0; Math.max(old.length(), now.length()) < TreeDiff.MAX_TEXT_BYTES - 100; i++) {
            old.append(left.apply(i));
            now.append(right.apply(i));
        }
        MemoryTree before = new MemoryTree().file("f", old.toString());
        MemoryTree after = new MemoryTree().file("f", now.toString());
        TreeDiff diff = MemoryTree.diff(before, after);
        byte[] patch = diff.patch().getBytes(StandardCharsets.UTF_8);
        PatchPlan plan = PatchPlan.of(Patch.parse(patch, Patch.ModeOnly.REFUSED), before);
        assertThat(before.copy().apply(plan.changes()).listing()).isEqualTo(after.listing());
    }

    private static List<String> lines(TreeDiff diff) {
        return diff.entries().stream()
                .map(entry -> entry.status().wireName() + " " + entry.kind() + " " + entry.path()
                        + (entry.textPatch() ? " +" : " -"))
                .toList();
    }
}
