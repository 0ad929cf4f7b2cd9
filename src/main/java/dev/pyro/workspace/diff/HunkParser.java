package dev.pyro.workspace.diff;

import dev.pyro.model.PyroException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one hunk and checks that it is whole: as many lines of each sort as its header says, and at least one change. */
final class HunkParser {
    private static final Pattern HEADER =
            Pattern.compile("@@ -(\\d{1,9})(?:,(\\d{1,9}))? \\+(\\d{1,9})(?:,(\\d{1,9}))? @@.*", Pattern.DOTALL);

    private final PatchLines lines;
    private final String label;
    private final int line;
    private int oldLeft;
    private int newLeft;
    private boolean oldEnded;
    private boolean newEnded;
    private boolean changes;
    private int leading;
    private int trailing;
    private char previous = '\\';

    private HunkParser(PatchLines lines, String path, int number) {
        this.lines = lines;
        this.line = lines.number();
        this.label = "hunk " + number + " of " + PatchRefusal.shown(path);
    }

    /** Reads the hunk at the current line; afterwards the current line is the one behind it. */
    static Hunk parse(PatchLines lines, String path, int number) {
        HunkParser parser = new HunkParser(lines, path, number);
        Matcher header = HEADER.matcher(lines.text());
        if (!header.matches()) {
            throw parser.malformed("has a malformed header, not '@@ -LINE,COUNT +LINE,COUNT @@'");
        }
        int oldStart = Integer.parseInt(header.group(1));
        int oldCount = count(header.group(2));
        int newStart = Integer.parseInt(header.group(3));
        int newCount = count(header.group(4));
        if ((oldStart == 0 && oldCount > 0) || (newStart == 0 && newCount > 0)) {
            throw parser.malformed("begins at line 0");
        }
        lines.next();
        int from = lines.start();
        parser.body(oldCount, newCount);
        return new Hunk(
                number,
                parser.line,
                oldStart,
                oldCount,
                newStart,
                newCount,
                parser.leading,
                parser.trailing,
                from,
                lines.start());
    }

    private static int count(@Nullable String digits) {
        return digits == null ? 1 : Integer.parseInt(digits);
    }

    private void body(int oldCount, int newCount) {
        oldLeft = oldCount;
        newLeft = newCount;
        while (oldLeft > 0 || newLeft > 0) {
            if (lines.isDone()) {
                throw malformed("is cut off: " + missing());
            }
            readLine();
            lines.next();
        }
        if (!lines.isDone() && lines.sign() == '\\') {
            readMarker();
            lines.next();
        }
        if (!changes) {
            throw malformed("changes nothing");
        }
        checkWhatFollows();
    }

    private void readLine() {
        char sign = lines.sign();
        switch (sign) {
            case ' ', '\n' -> {
                // Mailers strip the blank of an empty line.
                take(true, true);
                trailing++;
                leading += changes ? 0 : 1;
            }
            case '-' -> take(true, false);
            case '+' -> take(false, true);
            case '\\' -> readMarker();
            default -> throw malformedHere("does not belong to a hunk: " + missing());
        }
        if (sign == '-' || sign == '+') {
            changes = true;
            trailing = 0;
        }
        previous = sign;
    }

    private void take(boolean old, boolean now) {
        if ((old && oldLeft == 0) || (now && newLeft == 0)) {
            throw malformedHere("is one more than its header says");
        }
        if ((old && oldEnded) || (now && newEnded)) {
            throw malformedHere("comes after the end of the file");
        }
        oldLeft -= old ? 1 : 0;
        newLeft -= now ? 1 : 0;
    }

    private void readMarker() {
        if (!lines.startsWith("\\ ") || previous == '\\') {
            throw malformedHere("does not belong to a hunk");
        }
        oldEnded |= previous != '+';
        newEnded |= previous != '-';
    }

    /** A line of a hunk that the header did not announce must not be lost in silence. */
    private void checkWhatFollows() {
        if (lines.isDone()) {
            return;
        }
        char sign = lines.sign();
        boolean header = lines.startsWith("--- ") && lines.followingStartsWith("+++ ");
        boolean signature = lines.is("-- ") || lines.is("--");
        boolean more = sign == '+' || sign == ' ' || sign == '\\' || (sign == '-' && !header && !signature);
        if (more) {
            throw malformedHere("is one more than its header says");
        }
    }

    private String missing() {
        return oldLeft + " old and " + newLeft + " new lines of those that its header announces are missing";
    }

    private PyroException malformed(String problem) {
        return PatchRefusal.of(line, label + " " + problem);
    }

    private PyroException malformedHere(String problem) {
        return PatchRefusal.of(lines.number(), label + ": this line " + problem);
    }
}
