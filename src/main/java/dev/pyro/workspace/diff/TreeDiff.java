package dev.pyro.workspace.diff;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What changed in a tree.
 *
 * <p>{@code git apply} takes the patch on a copy of the baseline. It holds text files, symbolic links and executable bits; all else is
 * in the entries alone: directories, files with a NUL or with bytes that are no UTF-8, files of more than {@link #MAX_TEXT_BYTES},
 * names that git refuses (such as {@code .git}), and what a patch of {@link #MAX_PATCH_BYTES} has no room for.
 *
 * @param entries what changed, in the order of the paths' bytes
 * @param summary how many there are
 * @param patch a unified patch in git's form, empty when no change has a text form
 */
public record TreeDiff(List<DiffEntry> entries, DiffSummary summary, String patch) {
    /** A file with more bytes is listed without a text patch. */
    public static final int MAX_TEXT_BYTES = 1 << 20;

    /** The longest patch in bytes of UTF-8; from the first file that does not fit, files are listed without a text patch. */
    public static final int MAX_PATCH_BYTES = 16 << 20;

    public TreeDiff {
        entries = List.copyOf(entries);
        Objects.requireNonNull(summary, "summary");
        Objects.requireNonNull(patch, "patch");
    }

    /** Compares what the suspects hold. */
    public static TreeDiff of(List<Suspect> suspects, FileContents contents) {
        return of(suspects, contents, MAX_PATCH_BYTES);
    }

    static TreeDiff of(List<Suspect> suspects, FileContents contents, int maxPatchBytes) {
        SuspectReview review = new SuspectReview(contents, maxPatchBytes);
        List<ReviewedChange> changes =
                suspects.stream().map(review::review).flatMap(Optional::stream).toList();
        List<ReviewedChange> applicable = ApplicableSections.of(changes);
        List<DiffEntry> entries = applicable.stream().map(ReviewedChange::entry).toList();
        StringBuilder patch = new StringBuilder();
        applicable.forEach(change -> patch.append(change.section()));
        return new TreeDiff(entries, DiffSummary.of(entries), patch.toString());
    }

    /** Tells whether anything changed. */
    public boolean changed() {
        return !entries.isEmpty();
    }
}
