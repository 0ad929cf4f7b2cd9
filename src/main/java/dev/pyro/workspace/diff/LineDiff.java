package dev.pyro.workspace.diff;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.diff.DiffAlgorithm;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.MyersDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.diff.Sequence;
import org.eclipse.jgit.diff.SequenceComparator;

/** The hunks between two texts. */
final class LineDiff {
    private static final int CONTEXT = 3;

    /** Between two texts with more lines that may differ, all of these lines are replaced: a search could take very long. */
    private static final int MAX_COMPARED_LINES = 65_536;

    /** The same for lines that are all frequent, where the search is slower. */
    private static final int MAX_FREQUENT_LINES = 8_192;

    private static final RawTextComparator COMPARATOR = RawTextComparator.DEFAULT;

    private LineDiff() {}

    /** Writes the hunks that turn one text into the other. */
    static void write(ByteArrayOutputStream out, byte[] before, byte[] after) {
        RawText old = new RawText(before);
        RawText now = new RawText(after);
        try {
            for (List<Edit> hunk : hunks(edits(old, now))) {
                writeHunk(out, old, now, hunk);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written to", e);
        }
    }

    private static EditList edits(RawText old, RawText now) {
        Edit differing = COMPARATOR.reduceCommonStartEnd(old, now, new Edit(0, old.size(), 0, now.size()));
        if (differing.getLengthA() + differing.getLengthB() > MAX_COMPARED_LINES) {
            return EditList.singleton(differing);
        }
        HistogramDiff histogram = new HistogramDiff();
        histogram.setFallbackAlgorithm(new BoundedMyersDiff());
        return histogram.diff(COMPARATOR, old, now);
    }

    /** Puts edits together whose context would touch. */
    private static List<List<Edit>> hunks(EditList edits) {
        List<List<Edit>> hunks = new ArrayList<>();
        for (Edit edit : edits) {
            if (hunks.isEmpty() || edit.getBeginA() - hunks.getLast().getLast().getEndA() > 2 * CONTEXT) {
                hunks.add(new ArrayList<>());
            }
            hunks.getLast().add(edit);
        }
        return hunks;
    }

    private static void writeHunk(ByteArrayOutputStream out, RawText old, RawText now, List<Edit> edits)
            throws IOException {
        Edit first = edits.getFirst();
        Edit last = edits.getLast();
        int leading = Math.min(CONTEXT, first.getBeginA());
        int trailing = Math.min(CONTEXT, old.size() - last.getEndA());
        int oldBegin = first.getBeginA() - leading;
        int oldEnd = last.getEndA() + trailing;
        int newBegin = first.getBeginB() - leading;
        int newEnd = last.getEndB() + trailing;
        String header = "@@ -" + range(oldBegin, oldEnd) + " +" + range(newBegin, newEnd) + " @@\n";
        out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        int at = oldBegin;
        for (Edit edit : edits) {
            writeLines(out, ' ', old, at, edit.getBeginA());
            writeLines(out, '-', old, edit.getBeginA(), edit.getEndA());
            writeLines(out, '+', now, edit.getBeginB(), edit.getEndB());
            at = edit.getEndA();
        }
        writeLines(out, ' ', old, at, oldEnd);
    }

    private static String range(int begin, int end) {
        int count = end - begin;
        // An empty range is named by the line before it.
        return (count == 0 ? begin : begin + 1) + (count == 1 ? "" : "," + count);
    }

    private static void writeLines(ByteArrayOutputStream out, char sign, RawText text, int begin, int end)
            throws IOException {
        for (int line = begin; line < end; line++) {
            out.write(sign);
            text.writeLine(out, line);
            out.write('\n');
            if (line == text.size() - 1 && text.isMissingNewlineAtEnd()) {
                out.writeBytes("\\ No newline at end of file\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** Myers' algorithm where it is quick. */
    private static final class BoundedMyersDiff extends DiffAlgorithm {
        @Override
        public <S extends Sequence> EditList diffNonCommon(SequenceComparator<? super S> comparator, S old, S now) {
            if (old.size() + now.size() > MAX_FREQUENT_LINES) {
                return EditList.singleton(new Edit(0, old.size(), 0, now.size()));
            }
            return MyersDiff.INSTANCE.diffNonCommon(comparator, old, now);
        }
    }
}
