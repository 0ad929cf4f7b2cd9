package dev.pyro.workspace.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.agent.GuestFileKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreeComparisonTest {
    private static final long FINISHED = 5_000_000_000L;
    private static final TreeEntry FILE = new TreeEntry("f", GuestFileKind.FILE, 0644, 10, 4, FINISHED, "");

    @Test
    void aFileOfTheSameShapeThatWasNotTouchedSinceIsNotLookedAt() {
        assertThat(suspects(FILE, FILE)).isEmpty();
    }

    @Test
    void aFileTouchedAfterTheBaselineIsLookedAtThoughItsTimesWereSetBack() {
        TreeEntry touched = new TreeEntry("f", GuestFileKind.FILE, 0644, 10, 4, FINISHED + 1, "");
        assertThat(suspects(FILE, touched)).containsExactly(new Suspect("f", FILE, touched));
    }

    @Test
    void eachOtherDifferenceMakesAFileSuspicious() {
        for (TreeEntry other : List.of(
                new TreeEntry("f", GuestFileKind.FILE, 0600, 10, 4, FINISHED, ""),
                new TreeEntry("f", GuestFileKind.FILE, 0644, 11, 4, FINISHED, ""),
                new TreeEntry("f", GuestFileKind.FILE, 0644, 10, 3, FINISHED, ""),
                new TreeEntry("f", GuestFileKind.SYMLINK, 0644, 10, 4, FINISHED, "x"),
                new TreeEntry("f", GuestFileKind.DIRECTORY, 0644, 10, 4, FINISHED, ""))) {
            assertThat(suspects(FILE, other)).as("%s", other).hasSize(1);
        }
    }

    @Test
    void ofADirectoryOnlyTheModeCountsAndOfALinkTheTarget() {
        TreeEntry directory = new TreeEntry("d", GuestFileKind.DIRECTORY, 0755, 4096, 1, 0, "");
        TreeEntry grown = new TreeEntry("d", GuestFileKind.DIRECTORY, 0755, 8192, 9, FINISHED + 9, "");
        TreeEntry closed = new TreeEntry("d", GuestFileKind.DIRECTORY, 0700, 4096, 1, 0, "");
        assertThat(suspects(directory, grown)).isEmpty();
        assertThat(suspects(directory, closed)).hasSize(1);
        TreeEntry link = new TreeEntry("l", GuestFileKind.SYMLINK, 0777, 1, 1, 0, "x");
        assertThat(suspects(link, new TreeEntry("l", GuestFileKind.SYMLINK, 0777, 1, 9, FINISHED + 9, "x")))
                .isEmpty();
        assertThat(suspects(link, new TreeEntry("l", GuestFileKind.SYMLINK, 0777, 1, 1, 0, "y")))
                .hasSize(1);
    }

    @Test
    void suspectsComeInTheOrderOfTheirBytesWithoutTheRoot() {
        TreeEntry root = new TreeEntry("", GuestFileKind.DIRECTORY, 0755, 0, 0, 0, "");
        List<TreeEntry> now = List.of(
                new TreeEntry("", GuestFileKind.DIRECTORY, 0700, 0, 0, 0, ""),
                at("\uDCFF"),
                at("\uFFFD"),
                at("a/b"),
                at("a-b"),
                at("😀"));
        assertThat(TreeComparison.suspects(List.of(root, at("z")), now, FINISHED))
                .extracting(Suspect::path)
                .containsExactly("a-b", "a/b", "z", "\uFFFD", "😀", "\uDCFF");
    }

    @Test
    void asksForTheContentThatATextDiffNeeds() {
        TreeEntry large = new TreeEntry("f", GuestFileKind.FILE, 0644, TreeDiff.MAX_TEXT_BYTES + 1, 4, 0, "");
        Suspect grown = new Suspect("f", FILE, large);
        assertThat(grown.readsBaseline() || grown.readsCurrent() || grown.needsDigest())
                .isFalse();
        assertThat(new Suspect("f", large, large).needsDigest()).isTrue();
        Suspect small = new Suspect("f", FILE, FILE);
        assertThat(small.readsBaseline() && small.readsCurrent()).isTrue();
        assertThat(small.needsDigest()).isFalse();
        assertThat(new Suspect("f", null, FILE).readsBaseline()).isFalse();
    }

    private static TreeEntry at(String path) {
        return new TreeEntry(path, GuestFileKind.FILE, 0644, 1, 1, 1, "");
    }

    private static List<Suspect> suspects(TreeEntry before, TreeEntry after) {
        return TreeComparison.suspects(List.of(before), List.of(after), FINISHED);
    }
}
