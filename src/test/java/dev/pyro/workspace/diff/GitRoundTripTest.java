package dev.pyro.workspace.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.agent.GuestText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real git takes our patches, we take git's, and both come to the same bytes. */
class GitRoundTripTest {
    private static final int GIT_ROUNDS = 25;
    private static final int OWN_ROUNDS = 400;

    @TempDir
    private Path folder;

    @Test
    void gitAndWeApplyEachOthersPatches() throws IOException {
        GitWorkTree git = new GitWorkTree(folder);
        for (int seed = 0; seed < GIT_ROUNDS; seed++) {
            RandomTrees trees = new RandomTrees(seed, false);
            MemoryTree before = trees.baseline();
            MemoryTree after = trees.changed(before);
            TreeDiff diff = MemoryTree.diff(before, after);

            GitWorkTree.Outcome outcome = git.apply(before, after, diff.patch());

            assertThat(sorted(outcome.view())).as("seed %d", seed).isEqualTo(sorted(after.gitView()));
            if (!outcome.ownPatch().isEmpty()) {
                assertThat(applied(before, GuestText.encode(outcome.ownPatch())).listing())
                        .as("git's patch, seed %d", seed)
                        .isEqualTo(after.listing());
            }
        }
    }

    @Test
    void gitTakesThePatchOfTreesWithBinaryFiles() throws IOException {
        GitWorkTree git = new GitWorkTree(folder);
        for (int seed = 0; seed < GIT_ROUNDS; seed++) {
            RandomTrees trees = new RandomTrees(1_000_000L + seed, true);
            MemoryTree before = trees.baseline();
            MemoryTree after = trees.changed(before);
            TreeDiff diff = MemoryTree.diff(before, after);

            GitWorkTree.Outcome outcome = git.apply(before, after, diff.patch());

            assertThat(sorted(outcome.view()))
                    .as("seed %d", seed)
                    .isEqualTo(sorted(patched(before, after, diff).gitView()));
        }
    }

    @Test
    void weApplyOurOwnPatches() {
        for (int seed = 0; seed < OWN_ROUNDS; seed++) {
            RandomTrees trees = new RandomTrees(2_000_000L + seed, seed % 2 == 0);
            MemoryTree before = trees.baseline();
            MemoryTree after = trees.changed(before);
            TreeDiff diff = MemoryTree.diff(before, after);
            if (diff.summary().textPatched() > 0) {
                MemoryTree result = applied(before, diff.patch().getBytes(StandardCharsets.UTF_8));
                assertThat(result.gitView())
                        .as("seed %d", seed)
                        .isEqualTo(patched(before, after, diff).gitView());
            }
            assertThat(diff.patch().isEmpty()).isEqualTo(diff.summary().textPatched() == 0);
        }
    }

    private static MemoryTree applied(MemoryTree before, byte[] patch) {
        PatchPlan plan = PatchPlan.of(Patch.parse(patch, Patch.ModeOnly.ALLOWED), before);
        return before.copy().apply(plan.changes());
    }

    /** Returns the first tree with those changes of the second that the patch has. */
    private static MemoryTree patched(MemoryTree before, MemoryTree after, TreeDiff diff) {
        MemoryTree expected = before.copy();
        for (DiffEntry entry : diff.entries()) {
            if (entry.textPatch()) {
                expected.take(entry.path(), after);
            }
        }
        return expected;
    }

    private static List<String> sorted(List<String> view) {
        List<String> sorted = new ArrayList<>(view);
        sorted.sort(Comparator.comparing((String line) -> line.substring(line.lastIndexOf(' ') + 1)));
        return sorted;
    }
}
