package dev.pyro.workspace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PatchParseTest {
    private static final String HUNK = "@@ -1 +1 @@\n-a\n+b\n";
    private static final String NEW = "@@ -0,0 +1 @@\n+b\n";

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal("", "line 1", "no change in it"),
                refusal("just words\n", "no change in it"),
                refusal("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\0\n+b\n", "line 4", "NUL"),
                refusal(
                        "diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 1\n",
                        "line 3",
                        "'x'",
                        "binary"),
                refusal("diff --git a/x b/x\nindex 1..2\nBinary files a/x and b/x differ\n", "line 3", "binary"),
                refusal("--- a/y\n+++ b/y\n" + HUNK + "Binary files a/x and b/x differ\n", "line 6", "binary"),
                refusal("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n", "line 3", "renames"),
                refusal("diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", "line 3", "copies"),
                refusal("--- a/x\n+++ b/y\n" + HUNK, "'a/x' and 'b/y' differ"),
                refusal("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "line 1", "'x'", "mode"),
                refusal("diff --git a/x b/x\nold mode 100644\nnew mode 100755\nold mode 100644\n", "twice"),
                refusal("diff --git a/x b/x\nold mode 100644\n--- a/x\n+++ b/x\n" + HUNK, "contradict"),
                refusal("diff --git a/x b/x\nold mode 100644\nnew mode 120000\n--- a/x\n+++ b/x\n" + HUNK, "kind"),
                refusal("diff --git a/x b/x\nnew file mode 160000\n--- /dev/null\n+++ b/x\n" + NEW, "submodules"),
                refusal("diff --git a/x b/x\nindex 1..2 160000\n--- a/x\n+++ b/x\n" + HUNK, "line 2", "submodules"),
                refusal("diff --git a/x b/x\nnew file mode 040000\n", "line 2", "mode"),
                refusal("diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n" + NEW, "contradict"),
                refusal("diff --git a/x b/x\nindex 1..2 100644\n", "'x'", "nothing is said"),
                refusal("diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n", "'x'", "nothing is said"),
                refusal("diff --git a/x b/x\n--- a/y\n+++ b/y\n" + HUNK, "different files"),
                refusal("diff --cc x\n@@@ -1,1 -1,1 +1,1 @@@\n", "merge"),
                refusal("--- /dev/null\n+++ b//etc/passwd\n" + NEW, "'/etc/passwd'", "absolute"),
                refusal("--- /dev/null\n+++ /etc/passwd\n" + NEW, "absolute"),
                refusal("--- /dev/null\n+++ b/../x\n" + NEW, "'..'"),
                refusal("--- a/d/../../x\n+++ b/d/../../x\n" + HUNK, "'..'"),
                refusal("diff --git a/.. b/..\ndeleted file mode 100644\n", "'..'"),
                refusal("--- /dev/null\n+++ b/d/./x\n" + NEW, "'.'"),
                refusal("--- /dev/null\n+++ b/d//x\n" + NEW, "empty part"),
                refusal("--- /dev/null\n+++ b/d/\n" + NEW, "empty part"),
                refusal("--- /dev/null\n+++ b/\n" + NEW, "empty part"),
                refusal("--- /dev/null\n+++ \"b/a\\000\"\n" + NEW, "NUL"),
                refusal("--- /dev/null\n+++ \"b/a\\9\"\n" + NEW, "quoted name"),
                refusal("--- /dev/null\n+++ b/" + "n".repeat(256) + "\n" + NEW, "too long"),
                refusal("--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", "line 1", "carriage return"),
                refusal("--- /dev/null\n+++ /dev/null\n" + NEW, "both names"),
                refusal("--- a/x\n+++ b/x\n" + HUNK + "--- a/x\n+++ b/x\n" + HUNK, "line 6", "twice", "line 1"),
                refusal("--- a/x\n" + HUNK, "line 1", "'+++'"),
                refusal(HUNK, "line 1", "no file"),
                refusal("--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n+b\n", "hunk 1 of 'x'", "cut off", "1 old and 0 new"),
                refusal("--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n+b\nword\n", "line 6", "hunk 1 of 'x'", "1 old"),
                refusal("--- a/x\n+++ b/x\n" + HUNK + "+c\n", "line 6", "hunk 1 of 'x'", "one more"),
                refusal("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n-c\n", "line 5", "one more"),
                refusal(
                        "--- a/x\n+++ b/x\n" + HUNK + "@@ -9 +9 @@\n a\n",
                        "line 6",
                        "hunk 2 of 'x'",
                        "changes nothing"),
                refusal("--- a/x\n+++ b/x\n@@ x @@\n-a\n", "line 3", "hunk 1", "header"),
                refusal("--- a/x\n+++ b/x\n@@ -0 +1 @@\n-a\n+b\n", "line 3", "line 0"),
                refusal("--- a/x\n+++ b/x\n@@ -1 +99999999999 @@\n-a\n+b\n", "header"),
                refusal("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n\\ No newline\n-a\n+b\n", "line 4"),
                refusal("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n\\ No newline\n+c\n", "line 7", "end of the file"),
                refusal("--- /dev/null\n+++ b/x\n" + HUNK, "new file 'x'"),
                refusal("--- /dev/null\n+++ b/x\n" + NEW + NEW, "new file 'x'"),
                refusal("--- a/x\n+++ /dev/null\n" + HUNK, "deleted file 'x'"),
                refusal("diff --git a/x b/x\nnew file mode 120000\n", "new file 'x'"));
    }

    private static Arguments refusal(String patch, String... parts) {
        return Arguments.of(patch, parts);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(String patch, String[] parts) {
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> parse(patch))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.PATCH_REFUSED))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts).contains("nothing was changed"));
    }

    @Test
    void refusesAPatchThatIsTooLong() {
        byte[] patch = new byte[Patch.MAX_BYTES + 1];
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> Patch.parse(patch, Patch.ModeOnly.REFUSED))
                .withMessageContaining(String.valueOf(Patch.MAX_BYTES));
    }

    @Test
    void escapesNamesInMessages() {
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> parse("--- /dev/null\n+++ \"b/../\\033[2J\\377\"\n" + NEW))
                .withMessageContaining("'../\\u001b[2J\\udcff'");
    }

    @Test
    void takesAMailWithSeveralFilesAndItsSignature() {
        Patch patch = parse(
                "From 1\nSubject: x\n\n---\n x | 2 +-\n\ndiff --git a/x b/x\nindex 1..2 100644\n" + "--- a/x\n+++ b/x\n"
                        + HUNK + "diff --git a/y b/y\nnew file mode 100644\nindex 0..e69de29\n-- \n2.39.5\n\n");
        assertThat(patch.paths()).containsExactly("x", "y");
        assertThat(patch.readPaths()).containsExactly("x");
    }

    @Test
    void takesNamesInEachForm() {
        Patch patch = parse("--- a/t\\b\t2024-01-01 00:00:00.5 +0100\n+++ b/t\\b\t2024-01-01 00:00:00.5 +0100\n" + HUNK
                + "--- plain\n+++ plain\n" + HUNK
                + "--- \"a/\\377\"\n+++ \"b/\\377\"\n" + HUNK
                + "diff --git \"a/nl\\n\" \"b/nl\\n\"\nnew file mode 100644\n"
                + "diff --git a/two words b/two words\nnew file mode 100644\n"
                + "diff --git b/c b/c\n--- /dev/null\n+++ b/c\n" + NEW);
        assertThat(patch.paths()).containsExactly("t\\b", "plain", "\uDCFF", "nl\n", "two words", "b/c");
    }

    @Test
    void knowsNewAndDeletedFilesByTheirTime() {
        Patch patch = parse("--- a/x\t1970-01-01 01:00:00.000000000 +0100\n+++ b/x\t2024-01-01 00:00:00 +0000\n" + NEW
                + "--- a/y\t2024-01-01 00:00:00 +0000\n+++ b/y\t1969-12-31 19:00:00 -0500\n@@ -1 +0,0 @@\n-a\n");
        assertThat(patch.files().stream().map(FilePatch::action))
                .containsExactly(FilePatch.Action.CREATE, FilePatch.Action.DELETE);
    }

    @Test
    void takesModesAloneWhenAllowed() {
        byte[] text = "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n".getBytes(StandardCharsets.UTF_8);
        assertThat(Patch.parse(text, Patch.ModeOnly.ALLOWED).paths()).containsExactly("x");
    }

    private static Patch parse(String text) {
        return Patch.parse(text.getBytes(StandardCharsets.UTF_8), Patch.ModeOnly.REFUSED);
    }
}
