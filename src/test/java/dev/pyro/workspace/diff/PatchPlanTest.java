package dev.pyro.workspace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pyro.model.ChangeStatus;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatchPlanTest {
    private static final String NEW = "@@ -0,0 +1 @@\n+new\n";
    private static final String DELETE_ONE = "--- a/dir/one\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n";
    private static final String DELETE_TWO = "--- a/dir/sub/two\n+++ /dev/null\n@@ -1 +0,0 @@\n-two\n";
    private static final String NUMBERS = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

    private final MemoryTree tree = new MemoryTree()
            .file("numbers", NUMBERS)
            .file("dir/one", "one\n")
            .file("dir/sub/two", "two\n")
            .file("closed", 0640, "closed\n".getBytes(StandardCharsets.UTF_8))
            .file("empty", "")
            .link("link", "dir")
            .fifo("pipe");

    @Test
    void addsModifiesAndDeletes() {
        PatchPlan plan = plan("--- a/numbers\n+++ b/numbers\n@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n"
                + "--- /dev/null\n+++ b/new/dir/file\n" + NEW
                + DELETE_ONE);
        assertThat(plan.summary()).isEqualTo(new PatchPlan.Summary(3, 1, 1, 1));
        assertThat(plan.entries())
                .containsExactly(
                        new PatchPlan.Entry("dir/one", ChangeStatus.DELETED),
                        new PatchPlan.Entry("new/dir/file", ChangeStatus.ADDED),
                        new PatchPlan.Entry("numbers", ChangeStatus.MODIFIED));
        MemoryTree expected =
                tree.copy().file("numbers", NUMBERS.replace("5", "five")).file("new/dir/file", "new\n");
        expected.remove("dir/one");
        assertThat(tree.copy().apply(plan.changes()).listing()).isEqualTo(expected.listing());
    }

    @Test
    void findsAHunkWhoseLinesHaveMovedToTheNearestPlace() {
        tree.file("f", "x\nA\ny\n".repeat(3) + "tail\n");
        String moved = "--- a/f\n+++ b/f\n@@ -%d,3 +%d,3 @@\n x\n-A\n+B\n y\n";
        assertThat(content("f", moved.formatted(5, 5))).isEqualTo("x\nA\ny\nx\nB\ny\nx\nA\ny\ntail\n");
        assertThat(content("f", moved.formatted(900, 900))).isEqualTo("x\nA\ny\nx\nA\ny\nx\nB\ny\ntail\n");
        assertThat(content("f", moved.formatted(2, 2))).startsWith("x\nB\ny\n");
    }

    @Test
    void hunksFollowEachOtherThoughTheFileHasGrown() {
        tree.file("f", "new\nnew\n" + NUMBERS);
        String patch = "--- a/f\n+++ b/f\n@@ -2,3 +2,4 @@\n 2\n+2a\n 3\n 4\n@@ -7,2 +8,3 @@\n 7\n+7a\n 8\n";
        assertThat(content("f", patch)).isEqualTo("new\nnew\n1\n2\n2a\n3\n4\n5\n6\n7\n7a\n8\n9\n");
    }

    @Test
    void aHunkAtTheBeginningOrTheEndStaysThere() {
        tree.file("f", "0\n" + NUMBERS + "10\n");
        refused(
                "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n+new\n 1\n 2\n",
                "hunk 1 of 'f'",
                "line 1 of the file is \"0\"",
                "at the beginning");
        refused("--- a/f\n+++ b/f\n@@ -8,2 +8,3 @@\n 8\n 9\n+new\n", "hunk 1 of 'f'", "at the end");
        assertThat(content("f", "--- a/f\n+++ b/f\n@@ -7,2 +7,3 @@\n 9\n 10\n+new\n"))
                .endsWith("9\n10\nnew\n");
    }

    @Test
    void saysWhichHunkAndLineDoNotFit() {
        refused(
                "--- a/numbers\n+++ b/numbers\n@@ -2,2 +2,2 @@\n-2\n+two\n 3\n@@ -6,3 +6,3 @@\n 6\n-x\n+y\n 8\n",
                "line 7 of it",
                "hunk 2 of 'numbers'",
                "line 7 of the file is \"7\", where the patch expects \"x\"");
        refused("--- a/numbers\n+++ b/numbers\n@@ -9,3 +9,3 @@\n 9\n-10\n+x\n 11\n", "the file ends before line 10");
        refused("--- a/numbers\n+++ b/numbers\n@@ -5,0 +6 @@\n+x\n", "no line of context");
        refused(
                "--- a/numbers\n+++ b/numbers\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+x\n",
                "\"1\" without a newline");
    }

    @Test
    void keepsTheEndOfAFileToTheByte() {
        tree.file("f", "a\r\nb");
        assertThat(content("f", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+b\n"))
                .isEqualTo("a\r\nb\n");
        assertThat(content("f", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n\\ No newline at end of file\n"))
                .isEqualTo("a\nb");
        assertThat(content("empty", "--- a/empty\n+++ b/empty\n" + NEW)).isEqualTo("new\n");
    }

    @Test
    void takesAPatchWithoutItsLastNewline() {
        assertThat(content("empty", "--- a/empty\n+++ b/empty\n@@ -0,0 +1 @@\n+new"))
                .isEqualTo("new\n");
    }

    @Test
    void changesTheExecutableBitAndNoOther() {
        String exec = "diff --git a/closed b/closed\nold mode 100644\nnew mode 100755\n";
        PatchPlan plan = PatchPlan.of(Patch.parse(exec.getBytes(StandardCharsets.UTF_8), Patch.ModeOnly.ALLOWED), tree);
        assertThat(plan.changes()).containsExactly(new FileChange.Mode("closed", 0750));
        String both = exec + "--- a/closed\n+++ b/closed\n@@ -1 +1 @@\n-closed\n+open\n";
        assertThat(tree.copy().apply(plan(both).changes()).mode("closed")).isEqualTo(0750);
        String content = "--- a/closed\n+++ b/closed\n@@ -1 +1 @@\n-closed\n+open\n";
        assertThat(tree.copy().apply(plan(content).changes()).mode("closed")).isEqualTo(0640);
        String added = "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n" + NEW;
        assertThat(tree.copy().apply(plan(added).changes()).mode("n")).isEqualTo(0755);
    }

    @Test
    void refusesWhatDoesNotFitTheFiles() {
        refused("--- /dev/null\n+++ b/numbers\n" + NEW, "'numbers'", "is there already");
        refused("--- /dev/null\n+++ b/dir\n" + NEW, "'dir'", "a directory");
        refused("--- /dev/null\n+++ b/numbers/in\n" + NEW, "'numbers' is no directory");
        refused("--- /dev/null\n+++ b/link/in\n" + NEW, "'link' is a symbolic link");
        refused("--- a/link/one\n+++ b/link/one\n@@ -1 +1 @@\n-one\n+1\n", "'link' is a symbolic link");
        refused("--- a/none\n+++ b/none\n@@ -1 +1 @@\n-one\n+1\n", "'none'", "does not exist");
        refused("--- a/none/in\n+++ b/none/in\n@@ -1 +1 @@\n-one\n+1\n", "'none/in'", "does not exist");
        refused("--- a/link\n+++ b/link\n@@ -1 +1 @@\n-dir\n+1\n", "'link'", "it is a symbolic link");
        refused("--- a/dir\n+++ b/dir\n@@ -1 +1 @@\n-dir\n+1\n", "'dir'", "it is a directory");
        refused("--- a/pipe\n+++ b/pipe\n@@ -1 +1 @@\n-dir\n+1\n", "'pipe'", "FIFO");
        refused("--- a/numbers\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n", "'numbers'", "not what the patch deletes");
        refused("diff --git a/numbers b/numbers\ndeleted file mode 100644\n", "not what the patch deletes");
        refused(
                "diff --git a/empty b/empty\ndeleted file mode 120000\n--- a/empty\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
                "it is a regular file");
        tree.file("large", 0644, new byte[PatchPlan.MAX_FILE_BYTES + 1]);
        refused(
                "--- a/large\n+++ b/large\n@@ -1 +1 @@\n-dir\n+1\n",
                "'large'",
                String.valueOf(PatchPlan.MAX_FILE_BYTES));
    }

    @Test
    void refusesAFileThatIsAnotherOnesDirectory() {
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> plan("--- /dev/null\n+++ b/n\n" + NEW + "--- /dev/null\n+++ b/n/in\n" + NEW))
                .withMessageContaining("'n' both as a file and as the directory of 'n/in'");
    }

    @Test
    void refusesResultsThatAreTooLargeTogether() {
        StringBuilder patch = new StringBuilder();
        String line = "x".repeat(PatchPlan.MAX_FILE_BYTES - 2) + "\n";
        for (int i = 0; i < 9; i++) {
            tree.file("f" + i, line + "a");
            patch.append("--- a/f").append(i).append("\n+++ b/f").append(i);
            patch.append("\n@@ -2 +2 @@\n-a\n\\ No newline at end of file\n+b\n");
        }
        refused(patch.toString(), String.valueOf(PatchPlan.MAX_RESULT_BYTES));
    }

    @Test
    void givesUpASearchThatWouldTakeTooLong() {
        byte[] content = "\n".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        String hunk =
                "--- a/f\n+++ b/f\n@@ -2,20001 +2,20000 @@\n" + " \n".repeat(10_000) + "-x\n" + " \n".repeat(10_000);
        byte[] text = hunk.getBytes(StandardCharsets.UTF_8);
        FilePatch file = Patch.parse(text, Patch.ModeOnly.REFUSED).files().getFirst();
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> new HunkPlacement(1_000).apply(file, content, text))
                .withMessageContaining("hunk 1 of 'f'")
                .withMessageContaining("too many places");
    }

    @Test
    void aDirectoryGoesWithItsLastFile() {
        PatchPlan plan = plan(DELETE_ONE + DELETE_TWO);
        assertThat(plan.changes())
                .containsExactly(
                        new FileChange.Delete("dir/one", false),
                        new FileChange.Delete("dir/sub/two", false),
                        new FileChange.Delete("dir/sub", true),
                        new FileChange.Delete("dir", true));
        tree.folder("dir/sub/kept");
        PatchPlan kept = plan(DELETE_TWO);
        assertThat(kept.changes()).containsExactly(new FileChange.Delete("dir/sub/two", false));
    }

    @Test
    void filesLinksAndDirectoriesTakeEachOthersPlace() {
        String patch = "--- /dev/null\n+++ b/dir\n" + NEW
                + DELETE_ONE
                + DELETE_TWO
                + "diff --git a/link b/link\ndeleted file mode 120000\n--- a/link\n+++ /dev/null\n"
                + "@@ -1 +0,0 @@\n-dir\n\\ No newline at end of file\n"
                + "--- /dev/null\n+++ b/link/in\n" + NEW
                + "diff --git a/empty b/empty\ndeleted file mode 100644\n"
                + "diff --git a/empty b/empty\nnew file mode 120000\n--- /dev/null\n+++ b/empty\n"
                + "@@ -0,0 +1 @@\n+/anywhere\n\\ No newline at end of file\n";
        PatchPlan plan = plan(patch);
        MemoryTree result = tree.copy().apply(plan.changes());
        MemoryTree expected = tree.copy();
        List.of("dir", "link", "empty").forEach(expected::remove);
        expected.file("dir", "new\n").file("link/in", "new\n").link("empty", "/anywhere");
        assertThat(result.listing()).isEqualTo(expected.listing());
        assertThat(plan.summary()).isEqualTo(new PatchPlan.Summary(6, 2, 1, 3));
    }

    private String content(String path, String patch) {
        return new String(tree.copy().apply(plan(patch).changes()).blob(path).content(), StandardCharsets.UTF_8);
    }

    private void refused(String patch, String... parts) {
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> plan(patch))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.PATCH_DOES_NOT_APPLY))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts).contains("nothing was changed"));
    }

    private PatchPlan plan(String patch) {
        return PatchPlan.of(Patch.parse(patch.getBytes(StandardCharsets.UTF_8), Patch.ModeOnly.REFUSED), tree);
    }
}
