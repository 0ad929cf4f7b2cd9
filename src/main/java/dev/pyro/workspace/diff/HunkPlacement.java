package dev.pyro.workspace.diff;

import dev.pyro.model.Arguments;
import dev.pyro.model.PyroException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Puts the hunks of one patch where their lines are, by the rules of {@code git apply}: all lines of a hunk must be there; one that
 * begins at line 1 stands at the beginning, and one without context behind it at the end; otherwise the place that is the nearest to
 * the announced one counts. Hunks do not overlap and stay in their order.
 */
final class HunkPlacement {
    /** What all searches of one patch may cost together: one for each place, and one for each {@link #BYTES_PER_STEP} compared. */
    private static final long MAX_STEPS = 200_000_000;

    private static final int BYTES_PER_STEP = 16;

    private final long maxSteps;
    private long steps;

    HunkPlacement() {
        this(MAX_STEPS);
    }

    HunkPlacement(long maxSteps) {
        this.maxSteps = maxSteps;
    }

    /** Returns the content after all hunks of a file. */
    byte[] apply(FilePatch file, byte[] content, byte[] patch) {
        TextLines lines = new TextLines(content);
        ByteArrayOutputStream result = new ByteArrayOutputStream(content.length);
        int done = 0;
        int moved = 0;
        for (Hunk hunk : file.hunks()) {
            byte[] image = hunk.oldImage(patch);
            int announced = Math.max(hunk.newStart() - 1, 0) - moved;
            int at = find(file, hunk, lines, image, done, announced);
            if (at < 0) {
                throw misfit(file, hunk, lines, image, done, announced);
            }
            result.write(content, lines.start(done), lines.start(at) - lines.start(done));
            result.writeBytes(hunk.newImage(patch));
            done = at + hunk.oldCount();
            moved += hunk.newCount() - hunk.oldCount();
        }
        result.write(content, lines.start(done), content.length - lines.start(done));
        return result.toByteArray();
    }

    private int find(FilePatch file, Hunk hunk, TextLines lines, byte[] image, int first, int announced) {
        int last = lines.count() - hunk.oldCount();
        boolean noPlace = hunk.oldCount() == 0 && lines.count() > 0;
        if (last < first || noPlace) {
            return -1;
        }
        boolean atBeginning = hunk.oldStart() <= 1;
        boolean atEnd = hunk.trailing() == 0;
        if (atBeginning || atEnd) {
            int only = atBeginning ? 0 : last;
            boolean fits = only >= first && (!atEnd || only == last) && matches(lines, image, only, hunk);
            return fits ? only : -1;
        }
        int start = Math.clamp(announced, first, last);
        int reach = Math.max(start - first, last - start);
        for (int distance = 0; distance <= reach; distance++) {
            if (steps > maxSteps) {
                throw PatchRefusal.notApplicable(
                        hunk.line(), label(file, hunk) + " has too many places where it might belong");
            }
            if (start + distance <= last && matches(lines, image, start + distance, hunk)) {
                return start + distance;
            }
            if (distance > 0 && start - distance >= first && matches(lines, image, start - distance, hunk)) {
                return start - distance;
            }
        }
        return -1;
    }

    private boolean matches(TextLines lines, byte[] image, int at, Hunk hunk) {
        steps++;
        int from = lines.start(at);
        int to = lines.start(at + hunk.oldCount());
        if (to - from != image.length) {
            return false;
        }
        int differs = Arrays.mismatch(lines.text(), from, to, image, 0, image.length);
        steps += (differs < 0 ? image.length : differs) / BYTES_PER_STEP;
        return differs < 0;
    }

    /** Says what is at the place where the hunk should be instead. */
    private static PyroException misfit(
            FilePatch file, Hunk hunk, TextLines lines, byte[] image, int first, int announced) {
        if (hunk.oldCount() == 0 && lines.count() > 0) {
            return misfit(file, hunk, "it has no line of context by which its place could be known; use diff -U3");
        }
        TextLines wanted = new TextLines(image);
        int last = Math.max(lines.count() - hunk.oldCount(), first);
        int at = hunk.trailing() == 0 ? last : announced;
        at = Math.clamp(hunk.oldStart() <= 1 ? 0 : at, first, Math.max(lines.count(), first));
        for (int i = 0; i < wanted.count(); i++) {
            if (at + i >= lines.count()) {
                return misfit(
                        file,
                        hunk,
                        "the file ends before line " + (at + i + 1) + ", where the patch expects " + wanted.shown(i));
            }
            boolean same = Arrays.equals(
                    lines.text(),
                    lines.start(at + i),
                    lines.start(at + i + 1),
                    image,
                    wanted.start(i),
                    wanted.start(i + 1));
            if (!same) {
                return misfit(
                        file,
                        hunk,
                        "line " + (at + i + 1) + " of the file is " + lines.shown(at + i) + ", where the patch expects "
                                + wanted.shown(i));
            }
        }
        return misfit(file, hunk, "its lines are somewhere else");
    }

    private static PyroException misfit(FilePatch file, Hunk hunk, String problem) {
        String rule = "";
        if (hunk.oldStart() <= 1) {
            rule = " (beginning at line 1, it must be at the beginning of the file)";
        } else if (hunk.trailing() == 0) {
            rule = " (without context behind its changes, it must be at the end of the file)";
        }
        return PatchRefusal.notApplicable(hunk.line(), label(file, hunk) + " fits nowhere: " + problem + rule);
    }

    private static String label(FilePatch file, Hunk hunk) {
        return "hunk " + hunk.number() + " of " + file.label();
    }

    /** A text and where its lines begin. */
    private static final class TextLines {
        private static final int SHOWN_BYTES = 400;

        private final byte[] text;
        private final int[] starts;

        TextLines(byte[] text) {
            int lines = 0;
            for (int i = 0; i < text.length; i++) {
                if (text[i] == '\n' || i == text.length - 1) {
                    lines++;
                }
            }
            this.text = text;
            this.starts = new int[lines + 1];
            int line = 0;
            for (int i = 0; i < text.length; i++) {
                if (text[i] == '\n' || i == text.length - 1) {
                    line++;
                    starts[line] = i + 1;
                }
            }
        }

        byte[] text() {
            return text;
        }

        int count() {
            return starts.length - 1;
        }

        int start(int line) {
            return starts[line];
        }

        String shown(int line) {
            int length = Math.min(starts[line + 1] - starts[line], SHOWN_BYTES);
            String decoded = new String(text, starts[line], length, StandardCharsets.UTF_8);
            boolean newline = decoded.endsWith("\n");
            String shown = Arguments.printable(newline ? decoded.substring(0, decoded.length() - 1) : decoded);
            return "\"" + shown + "\"" + (newline || length == SHOWN_BYTES ? "" : " without a newline");
        }
    }
}
