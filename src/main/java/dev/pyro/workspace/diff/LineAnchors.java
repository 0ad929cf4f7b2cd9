package dev.pyro.workspace.diff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.RawText;

/**
 * Lines that are there once in each of two texts, and in the same order: fixed points that part a comparison into small ones. Without
 * them a long file with many changes takes minutes, because a search goes through the rest of it once for each change.
 */
final class LineAnchors {
    private static final int NONE = -1;
    private static final int SEVERAL = -2;

    private LineAnchors() {}

    /** Returns what lies between the fixed points of a part of two texts, in its order. */
    static List<Edit> gaps(RawText old, RawText now, Edit part) {
        List<int[]> pairs = uniquePairs(old, now, part);
        List<Edit> gaps = new ArrayList<>();
        int oldAt = part.getBeginA();
        int newAt = part.getBeginB();
        for (int[] pair : longestRise(pairs)) {
            gaps.add(new Edit(oldAt, pair[0], newAt, pair[1]));
            oldAt = pair[0] + 1;
            newAt = pair[1] + 1;
        }
        gaps.add(new Edit(oldAt, part.getEndA(), newAt, part.getEndB()));
        gaps.removeIf(Edit::isEmpty);
        return gaps;
    }

    /** Returns the places of the lines that are there once on both sides, in the order of the old text. */
    private static List<int[]> uniquePairs(RawText old, RawText now, Edit part) {
        // Strings, whose hash collisions a map can bear.
        Map<String, int[]> places = new LinkedHashMap<>();
        for (int i = part.getBeginA(); i < part.getEndA(); i++) {
            int[] place = places.computeIfAbsent(line(old, i), key -> new int[] {NONE, NONE});
            place[0] = place[0] == NONE ? i : SEVERAL;
        }
        for (int i = part.getBeginB(); i < part.getEndB(); i++) {
            int[] place = places.get(line(now, i));
            if (place != null) {
                place[1] = place[1] == NONE ? i : SEVERAL;
            }
        }
        return places.values().stream()
                .filter(place -> place[0] >= 0 && place[1] >= 0)
                .toList();
    }

    /** Returns a line with its newline: one without is another line. */
    private static String line(RawText text, int index) {
        return text.getString(index, index + 1, false);
    }

    /** Returns the longest run of pairs whose places rise in the new text, too. */
    private static List<int[]> longestRise(List<int[]> pairs) {
        // The pair with the lowest end of a rise of each length, and for each pair the one before it in its rise.
        int[] ends = new int[pairs.size()];
        int[] before = new int[pairs.size()];
        int length = 0;
        for (int i = 0; i < pairs.size(); i++) {
            int low = 0;
            int high = length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (pairs.get(ends[middle])[1] < pairs.get(i)[1]) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            before[i] = low == 0 ? NONE : ends[low - 1];
            ends[low] = i;
            length = Math.max(length, low + 1);
        }
        int[][] rise = new int[length][];
        int at = length == 0 ? NONE : ends[length - 1];
        for (int i = length - 1; i >= 0; i--) {
            rise[i] = pairs.get(at);
            at = before[at];
        }
        return Arrays.asList(rise);
    }
}
