package dev.pyro.workspace.diff;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.diff.Subsequence;
import org.eclipse.jgit.diff.SubsequenceComparator;

/** The hunks between two texts. */
final class LineDiff {
    private static final int CONTEXT = 3;

    /**
     * Between two fixed points with more lines on both sides together, all lines are replaced: a search takes the square of that in
     * time.
     */
    private static final int MAX_GAP_LINES = 4_096;

    /** As many lines of one file are searched in all gaps together. */
    private static final int MAX_SEARCHED_LINES = 65_536;

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

    private static List<Edit> edits(RawText old, RawText now) {
        Edit differing = COMPARATOR.reduceCommonStartEnd(old, now, new Edit(0, old.size(), 0, now.size()));
        HistogramDiff histogram = new HistogramDiff();
        SubsequenceComparator<RawText> comparator = new SubsequenceComparator<>(COMPARATOR);
        List<Edit> edits = new ArrayList<>();
        int searched = 0;
        for (Edit gap : LineAnchors.gaps(old, now, differing)) {
            int lines = gap.getLengthA() + gap.getLengthB();
            boolean oneSided = gap.getLengthA() == 0 || gap.getLengthB() == 0;
            if (oneSided || lines > MAX_GAP_LINES || searched + lines > MAX_SEARCHED_LINES) {
                edits.add(gap);
                continue;
            }
            searched += lines;
            Subsequence<RawText> before = Subsequence.a(old, gap);
            Subsequence<RawText> after = Subsequence.b(now, gap);
            edits.addAll(Subsequence.toBase(histogram.diff(comparator, before, after), before, after));
        }
        return edits;
    }

    /** Puts edits together whose context would touch. */
    private static List<List<Edit>> hunks(List<Edit> edits) {
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
}
